//! What the compiler knows about a program and says when it is asked: `cmsl check --effects` and its like.
//!
//! Text in, text out, like every pass; nothing here decides about meaning.

mod effects;
mod parallel;

pub use effects::{Constness, EffectRow, effects, effects_table};
pub use parallel::parallel_loops;
