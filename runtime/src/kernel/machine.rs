//! Makes the protocol's state machine of one replica.

use super::host::Stored;
use crate::clock::Time;
use crate::protocol::{Device, Output, Protocol};

/// What a machine is told at its start.
pub(super) struct MachineOptions {
    pub me: Device,
    pub devices: Vec<Device>,
    pub seed: u64,
    pub volatile: bool,
}

/// The machine, and what is to be done at once.
pub(super) fn machine(
    options: &MachineOptions,
    stored: &Stored,
    now: Time,
) -> Result<(Box<dyn Protocol>, Vec<Output>), String> {
    let _ = (
        options.me,
        &options.devices,
        options.seed,
        options.volatile,
        stored,
        now,
    );
    Err("there is no protocol yet".to_owned())
}
