//! What the front ends of infrastructure and of task runners make of a repository: one fixture a behaviour, its map frozen as lines.

mod runners;
