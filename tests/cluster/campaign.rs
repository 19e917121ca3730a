//! The campaigns of faults in their short form: a few rounds of each.

use crate::campaigns::{Reached, cuts, disks, files, pauses, slowness, storms};
use std::process::Command;
use std::time::Duration;

/// Shows what was reached; nothing is, where the machine lacks what the fault needs.
fn shown(reached: Option<Reached>) {
    match reached {
        Some(reached) => eprintln!("{reached}"),
        None => eprintln!("not tried: this fault needs root, nftables, tc and strace"),
    }
}

#[test]
fn leaders_that_stand_still_show_nothing_old_to_anybody() {
    let pauses = [400, 1_000, 1_500].map(Duration::from_millis);
    shown(Some(pauses::run(5, &pauses)));
}

#[test]
fn killing_hosts_under_load_loses_and_doubles_nothing() {
    shown(Some(storms::kills(10)));
}

#[test]
fn hosts_killed_together_again_and_again_come_back_with_everything() {
    shown(Some(storms::restarts(6)));
}

#[test]
fn the_smaller_side_of_a_cut_answers_nothing_and_the_larger_goes_on() {
    shown(cuts::sides(5));
}

#[test]
fn three_hosts_that_hear_only_some_of_each_other_go_on() {
    shown(cuts::partial(3, 3));
}

#[test]
fn five_hosts_that_hear_only_some_of_each_other_go_on() {
    shown(cuts::partial(3, 5));
}

#[test]
fn a_sync_that_fails_ends_its_kernel_and_nothing_was_promised_on_it() {
    shown(disks::failing(4, 1));
    shown(disks::failing(6, 3));
}

#[test]
fn a_slow_disk_holds_nobody_up() {
    shown(disks::slow(3, Duration::from_secs(3)));
}

#[test]
fn full_disks_stop_their_hosts_alone_and_lose_nothing() {
    shown(disks::full(2, 1));
    shown(disks::full(4, 3));
}

#[test]
fn logs_that_end_in_the_middle_of_a_record_are_gone_on_with() {
    shown(Some(files::cut(12)));
}

#[test]
fn logs_with_a_changed_bit_are_refused_and_left_as_they_are() {
    shown(Some(files::changed(12)));
}

#[test]
fn a_host_behind_a_slow_link_slows_nobody_down() {
    let more = Duration::from_millis(50);
    shown(slowness::slow_link_at_rest(2, 2, more));
}

/// Under load a slow host may depose a leader, and be replaced as one: that takes time, which is bounded here and measured by the campaign.
#[test]
fn a_host_behind_a_slow_link_slows_nobody_down_for_long() {
    let allowance = slowness::Allowance {
        factor: 2,
        more: Duration::from_secs(3),
        replaced_within: Duration::from_secs(20),
    };
    shown(slowness::slow_link(4, allowance));
}

#[test]
fn after_too_many_requests_as_much_is_answered_as_before() {
    let (lasts, again_within) = (Duration::from_secs(3), Duration::from_secs(30));
    shown(Some(slowness::overload(1, lasts, again_within)));
}

/// A fault of the protocol that is planted in the kernels is found: reads that are answered without asking a quorum.
#[test]
fn a_smaller_side_that_answers_is_seen() {
    let itself = std::env::current_exe().unwrap();
    let output = Command::new(itself)
        .args(["cut_answers_nothing", "--nocapture"])
        .env("CMSL_PLANT", "M36")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let found = said.contains("answered by the smaller side");
    assert!(found || said.contains("not tried"), "{said}");
}
