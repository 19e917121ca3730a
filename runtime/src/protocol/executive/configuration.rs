//! Who votes, and what a quorum is.
//!
//! Quorums are majorities: any two have a device in common (condition B2). The configuration is fixed for now; when it becomes
//! a command's effect, the one that governs number n will follow from the commands up to n − α.

use crate::protocol::Device;

/// No group has more devices: sets of them are the bits of a word.
pub const DEVICES_MAX: usize = 63;

/// The devices of a group, in an order that all of them know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    devices: Vec<Device>,
}

/// A set of devices of one configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Devices(pub u64);

impl Configuration {
    /// The configuration of these devices; duplicates count once. None without a device or with more than [`DEVICES_MAX`].
    #[must_use]
    pub fn new(mut devices: Vec<Device>) -> Option<Configuration> {
        devices.sort_unstable();
        devices.dedup();
        (!devices.is_empty() && devices.len() <= DEVICES_MAX).then_some(Configuration { devices })
    }

    /// The devices, ascending.
    #[must_use]
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// How many devices a quorum has.
    #[must_use]
    pub fn quorum(&self) -> usize {
        self.devices.len() / 2 + 1
    }

    /// Where a device stands in the order.
    #[must_use]
    pub fn position(&self, device: Device) -> Option<usize> {
        self.devices.binary_search(&device).ok()
    }

    /// Whether these devices are a quorum.
    #[must_use]
    pub fn is_quorum(&self, devices: Devices) -> bool {
        devices.len() >= self.quorum()
    }
}

impl Devices {
    /// Adds the device at this position of the configuration.
    pub fn insert(&mut self, position: usize) {
        assert!(position < DEVICES_MAX, "a position in a configuration");
        self.0 |= 1 << position;
    }

    /// Whether the device at this position is in it.
    #[must_use]
    pub fn contains(self, position: usize) -> bool {
        position < DEVICES_MAX && self.0 & (1 << position) != 0
    }

    /// How many they are.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_quorums_always_meet() {
        for size in 1..=DEVICES_MAX {
            let devices = (0..size).map(|n| Device(n as u16)).collect();
            let configuration = Configuration::new(devices).unwrap();
            assert!(2 * configuration.quorum() > size);
            assert!(configuration.quorum() <= size);
        }
        assert_eq!(Configuration::new(Vec::new()), None);
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let mut devices = Devices::default();
        assert!(devices.is_empty());
        for position in [0, 5, DEVICES_MAX - 1] {
            assert!(!devices.contains(position));
            devices.insert(position);
            assert!(devices.contains(position));
        }
        assert!(!devices.is_empty());
        assert_eq!(devices.len(), 3);
        // What another sends may have more bits than there are devices.
        assert!(!Devices(u64::MAX).contains(DEVICES_MAX));
    }
}
