//! Makes the protocol's state machine of one replica.

use super::host::Stored;
use crate::clock::Time;
use crate::protocol::executive::{Config, Configuration, Executive, Recovered};
use crate::protocol::{Device, Output, Protocol};
use std::sync::Arc;

/// Changes the usual settings of a protocol.
pub type Configure = Arc<dyn Fn(&mut Config) + Send + Sync>;

/// What a machine is told at its start.
pub(super) struct MachineOptions {
    pub me: Device,
    pub devices: Vec<Device>,
    pub seed: u64,
    pub configure: Configure,
}

/// The machine, and what is to be done at once.
pub(super) fn machine(
    options: MachineOptions,
    stored: Stored,
    now: Time,
) -> Result<(Box<dyn Protocol>, Vec<Output>), String> {
    let configuration = Configuration::new(options.devices)
        .ok_or_else(|| "a group of no or too many hosts".to_owned())?;
    let mut config = Config::new(options.me, configuration);
    (options.configure)(&mut config);
    let recovered = Recovered {
        snapshot: stored.snapshot,
        records: stored.records,
    };
    let mut outputs = Vec::new();
    let machine = Executive::recover(config, options.seed, now, &recovered, &mut outputs)
        .map_err(|damaged| damaged.to_string())?;
    Ok((Box::new(machine), outputs))
}
