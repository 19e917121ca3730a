//! Which bodies may run again before they end: those on a cycle of calls.
//!
//! The emitted code of such a body looks how much of the stack is used. A call of a method may run whatever overrides
//! it. What calls nothing that is left, and what nothing that is left calls, is taken away until nothing more can be: what
//! remains is on a cycle, or lies between two, where looking costs little.

use super::effects::{Nodes, facts_of, overriders, targets};
use crate::ir::CallTarget;
use crate::resolve::Checker;

/// Marks the bodies of the program that may run again before they end.
pub(super) fn mark(checker: &mut Checker<'_>) {
    let nodes = Nodes::of(checker);
    let all: Vec<CallTarget> = targets(checker).collect();
    let overriders = overriders(checker);
    let mut calls: Vec<(usize, usize)> = Vec::new();
    for (caller, &target) in all.iter().enumerate() {
        let called = facts_of(checker, target).calls.iter();
        calls.extend(called.map(|call| (caller, nodes.number(call.target))));
        if let CallTarget::Method(id) = target {
            let overriding = overriders.get(id.index()).into_iter().flatten();
            calls.extend(overriding.map(|&id| (caller, nodes.number(CallTarget::Method(id)))));
        }
    }
    calls = with_successors(all.len(), calls);
    calls.iter_mut().for_each(|call| *call = (call.1, call.0));
    calls = with_successors(all.len(), calls);
    for (node, _) in calls {
        let body = all
            .get(node)
            .and_then(|&target| checker.program.body_of_mut(target));
        if let Some(body) = body {
            body.recurses = true;
        }
    }
}

/// The edges of which both ends remain when nodes without an edge to another are taken away, again and again.
fn with_successors(nodes: usize, edges: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    let mut successors = vec![0_usize; nodes];
    let mut predecessors: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for &(from, to) in &edges {
        if let (Some(count), Some(list)) = (successors.get_mut(from), predecessors.get_mut(to)) {
            *count += 1;
            list.push(from);
        }
    }
    let mut ends: Vec<usize> = (0..nodes)
        .filter(|&node| successors.get(node) == Some(&0))
        .collect();
    while let Some(end) = ends.pop() {
        for &from in predecessors.get(end).into_iter().flatten() {
            if let Some(count) = successors.get_mut(from) {
                *count -= 1;
                if *count == 0 {
                    ends.push(from);
                }
            }
        }
    }
    let remains = |node: usize| successors.get(node).is_some_and(|&count| count > 0);
    let kept = edges.into_iter();
    kept.filter(|&(from, to)| remains(from) && remains(to))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::with_successors;

    fn left(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
        let edges = with_successors(nodes, edges.to_vec());
        let mut left: Vec<usize> = edges.iter().map(|edge| edge.0).collect();
        left.sort_unstable();
        left.dedup();
        left
    }

    #[test]
    fn only_what_leads_to_a_cycle_has_successors_for_ever() {
        assert_eq!(left(3, &[(0, 1), (1, 2)]), [] as [usize; 0]);
        assert_eq!(left(1, &[(0, 0)]), [0]);
        assert_eq!(left(4, &[(0, 1), (1, 2), (2, 1), (2, 3)]), [0, 1, 2]);
    }

    #[test]
    fn a_chain_of_a_million_calls_is_followed() {
        let chain: Vec<(usize, usize)> = (0..1_000_000).map(|node| (node, node + 1)).collect();
        assert_eq!(left(1_000_001, &chain), [] as [usize; 0]);
    }
}
