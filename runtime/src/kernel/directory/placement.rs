//! Which hosts get the replicas of new servers.
//!
//! A pure function of what is asked for and of the hosts. Hosts that are heard come first, preferred
//! ones in their order before the others, the others by how many replicas they carry. A host that
//! is not heard is taken only to complete a group that already has a quorum of hosts that are.

use crate::identity::HostId;

/// A host as the directory's leader sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostLoad {
    /// Which host.
    pub id: HostId,
    /// Whether it is heard.
    pub alive: bool,
    /// How many replicas it carries.
    pub replicas: usize,
}

/// What is to be placed.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// How many servers.
    pub servers: usize,
    /// How many replicas each has, on as many hosts.
    pub replicas: usize,
    /// Preferred hosts, earlier first.
    pub preferred: &'a [HostId],
    /// Servers on different hosts, else on the same or disjoint sets of hosts.
    pub disjoint: bool,
    /// Hosts that are not heard may not be taken: their state would be lost unnoticed.
    pub alive_only: bool,
}

/// There are too few hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooFew {
    /// How many hosts are needed.
    pub needed: usize,
    /// How many there are.
    pub available: usize,
}

/// The hosts of each server.
///
/// # Errors
/// If there are fewer hosts than replicas, or fewer hosts that are heard than a quorum of them.
pub fn place(wanted: Wanted<'_>, hosts: &[HostLoad]) -> Result<Vec<Vec<HostId>>, TooFew> {
    let needed = wanted.replicas.max(1);
    let alive = hosts.iter().filter(|host| host.alive).count();
    let available = if wanted.alive_only {
        alive
    } else {
        hosts.len()
    };
    if available < needed {
        return Err(TooFew { needed, available });
    }
    if alive < needed / 2 + 1 {
        return Err(TooFew {
            needed,
            available: alive,
        });
    }
    let mut order: Vec<&HostLoad> = hosts.iter().collect();
    order.sort_by_key(|host| {
        let preference = wanted.preferred.iter().position(|id| *id == host.id);
        (
            !host.alive,
            preference.unwrap_or(usize::MAX),
            host.replicas,
            host.id,
        )
    });
    let sets: Vec<Vec<HostId>> = order
        .chunks_exact(needed)
        .filter(|set| set.iter().filter(|host| host.alive).count() > needed / 2)
        .map(|set| set.iter().map(|host| host.id).collect())
        .take(if wanted.disjoint { usize::MAX } else { 1 })
        .collect();
    Ok(sets
        .iter()
        .cycle()
        .take(wanted.servers.max(1))
        .cloned()
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(alive: &[bool]) -> Vec<HostLoad> {
        alive
            .iter()
            .zip(0..)
            .map(|(alive, id)| HostLoad {
                id: HostId(id),
                alive: *alive,
                replicas: 0,
            })
            .collect()
    }

    fn placed(
        servers: usize,
        replicas: usize,
        preferred: &[u16],
        disjoint: bool,
        hosts: &[HostLoad],
    ) -> Result<Vec<Vec<u16>>, TooFew> {
        let preferred: Vec<HostId> = preferred.iter().copied().map(HostId).collect();
        let wanted = Wanted {
            servers,
            replicas,
            preferred: &preferred,
            disjoint,
            alive_only: false,
        };
        let sets = place(wanted, hosts)?;
        Ok(sets
            .iter()
            .map(|set| set.iter().map(|id| id.0).collect())
            .collect())
    }

    #[test]
    fn preferred_hosts_come_first_in_their_order() {
        assert_eq!(
            placed(1, 3, &[3, 1], false, &hosts(&[true; 4])),
            Ok(vec![vec![3, 1, 0]])
        );
    }

    #[test]
    fn a_preferred_host_that_is_down_comes_last() {
        let hosts = hosts(&[true, false, true, true]);
        assert_eq!(
            placed(1, 3, &[1, 2], false, &hosts),
            Ok(vec![vec![2, 0, 3]])
        );
        assert_eq!(
            placed(1, 4, &[1, 2], false, &hosts),
            Ok(vec![vec![2, 0, 3, 1]])
        );
    }

    #[test]
    fn an_array_shares_hosts_unless_it_is_disjoint() {
        let hosts = hosts(&[true; 5]);
        assert_eq!(
            placed(2, 2, &[], false, &hosts),
            Ok(vec![vec![0, 1], vec![0, 1]])
        );
        let disjoint = placed(3, 2, &[], true, &hosts);
        assert_eq!(disjoint, Ok(vec![vec![0, 1], vec![2, 3], vec![0, 1]]));
    }

    #[test]
    fn the_least_loaded_hosts_are_taken() {
        let mut hosts = hosts(&[true; 3]);
        hosts[0].replicas = 2;
        assert_eq!(placed(1, 1, &[], false, &hosts), Ok(vec![vec![1]]));
    }

    #[test]
    fn too_few_hosts_are_counted() {
        let few = TooFew {
            needed: 3,
            available: 2,
        };
        assert_eq!(placed(1, 3, &[], false, &hosts(&[true; 2])), Err(few));
        let dead = hosts(&[true, false, false]);
        let few = TooFew {
            needed: 3,
            available: 1,
        };
        assert_eq!(placed(1, 3, &[], false, &dead), Err(few));
    }
}
