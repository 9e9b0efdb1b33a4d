//! Flow: passes over the program that make the delivery map.

pub mod attribution;
pub mod link;
pub mod occurrence;
pub mod reach;
pub mod services;
