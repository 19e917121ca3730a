//! What generated programs run on. See `ARCHITECTURE.md`.

pub mod client;
pub mod clock;
pub mod embed;
pub mod identity;
pub mod kernel;
pub mod object;
pub mod outside;
pub mod prelude;
pub mod program;
pub mod protocol;
#[cfg(feature = "sim")]
pub mod sim;
pub mod storage;
pub mod thread;
pub mod transport;
pub mod value;
pub mod wall;
pub mod wire;
pub mod world;

pub use outside::Outside;
