//! Tests of prodpath as a whole: the outputs made from a report, and the command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod architecture;
mod bad_input;
mod cli;
mod documents;
mod example;
mod gitops;
mod infra;
mod laws;
mod pipelines;
mod practices;
mod report;
mod rules;
mod sample;
mod shapes;
mod translations;
mod views;
