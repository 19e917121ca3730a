//! The compiler and an interpreter of the syntax tree must agree.

mod known;
mod mutated;
mod random;
