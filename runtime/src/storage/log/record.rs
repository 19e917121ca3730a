//! What stands in a segment.
//!
//! Header (56 bytes): magic, cluster, replica, number of the first record, CRC-32C, zero. The mark is such a header with another magic.
//! Record: CRC-32C (4), payload length (4), number (8), durable number (8), payload,
//! zeros up to a multiple of 8. The CRC covers the owner and everything after it but the zeros.

use crate::storage::{Owner, RECORD_BYTES_MAX};
use crate::wire::checksum;

/// Begins a segment.
pub(super) const SEGMENT: [u8; 8] = *b"CMSLlog1";
/// Begins the mark.
pub(super) const MARK: [u8; 8] = *b"CMSLmrk1";
pub(super) const HEADER_BYTES: usize = 56;
pub(super) const RECORD_HEADER_BYTES: usize = 24;
/// Records begin at multiples of this, so that a search for the next one is short.
pub(super) const ALIGNMENT: usize = 8;

pub(super) fn segment_name(first: u64) -> String {
    format!("log-{first:016x}")
}

pub(super) fn snapshot_name(first: u64) -> String {
    format!("snapshot-{first:016x}")
}

/// The number in a file's name, if it is such a file.
pub(super) fn number_in(name: &str, prefix: &str) -> Option<u64> {
    let digits = name.strip_prefix(prefix)?;
    if digits.len() != 16 {
        None
    } else {
        u64::from_str_radix(digits, 16).ok()
    }
}

fn owner_bytes(owner: Owner) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (cluster, replica) = bytes.split_at_mut(16);
    cluster.copy_from_slice(&owner.cluster.to_le_bytes());
    replica.copy_from_slice(&owner.replica.to_le_bytes());
    bytes
}

pub(super) fn header(magic: [u8; 8], owner: Owner, number: u64) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.extend_from_slice(&magic);
    header.extend_from_slice(&owner_bytes(owner));
    header.extend_from_slice(&number.to_le_bytes());
    let sum = checksum(&[&header]);
    header.extend_from_slice(&sum.to_le_bytes());
    header.resize(HEADER_BYTES, 0);
    header
}

/// What a header says: whose, and its number; nothing if it is no such header, or not all of one.
pub(super) fn read_header(magic: [u8; 8], bytes: &[u8]) -> Option<(Owner, u64)> {
    let header = bytes.get(..HEADER_BYTES)?;
    let (checked, rest) = header.split_at_checked(48)?;
    let (sum, zeros) = rest.split_first_chunk::<4>()?;
    let (found, body) = checked.split_first_chunk::<8>()?;
    let (cluster, body) = body.split_first_chunk()?;
    let (replica, number) = body.split_first_chunk()?;
    let number = u64::from_le_bytes(*number.first_chunk()?);
    let good = *found == magic
        && checksum(&[checked]) == u32::from_le_bytes(*sum)
        && zeros.iter().all(|&byte| byte == 0);
    let owner = Owner {
        cluster: u128::from_le_bytes(*cluster),
        replica: u128::from_le_bytes(*replica),
    };
    good.then_some((owner, number))
}

/// Appends a record to bytes that begin at a multiple of [`ALIGNMENT`] in the file.
pub(super) fn encode(to: &mut Vec<u8>, owner: Owner, number: u64, durable: u64, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("the caller checks the length");
    let mut checked = [0; RECORD_HEADER_BYTES - 4];
    checked[..4].copy_from_slice(&length.to_le_bytes());
    checked[4..12].copy_from_slice(&number.to_le_bytes());
    checked[12..].copy_from_slice(&durable.to_le_bytes());
    let sum = checksum(&[&owner_bytes(owner), &checked, payload]);
    to.extend_from_slice(&sum.to_le_bytes());
    to.extend_from_slice(&checked);
    to.extend_from_slice(payload);
    to.resize(to.len().next_multiple_of(ALIGNMENT), 0);
}

/// A record that was found.
pub(super) struct Record<'a> {
    pub(super) number: u64,
    pub(super) durable: u64,
    pub(super) payload: &'a [u8],
    /// All its bytes in the file.
    pub(super) length: usize,
}

/// The record that begins here, if a good one does. `plausible` looks at its number before the checksum is taken.
pub(super) fn decode(
    bytes: &[u8],
    owner: Owner,
    plausible: impl FnOnce(u64) -> bool,
) -> Option<Record<'_>> {
    let (sum, rest) = bytes.split_first_chunk::<4>()?;
    let (checked, rest) = rest.split_at_checked(RECORD_HEADER_BYTES - 4)?;
    let (length, numbers) = checked.split_first_chunk::<4>()?;
    let (number, durable) = numbers.split_first_chunk::<8>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let number = u64::from_le_bytes(*number);
    let durable = u64::from_le_bytes(*durable.first_chunk()?);
    if length > RECORD_BYTES_MAX || !plausible(number) {
        return None;
    }
    let padded = length.next_multiple_of(ALIGNMENT);
    let (payload, padding) = rest.get(..padded)?.split_at(length);
    let good = checksum(&[&owner_bytes(owner), checked, payload]) == u32::from_le_bytes(*sum)
        && padding.iter().all(|&byte| byte == 0);
    let record = Record {
        number,
        durable,
        payload,
        length: RECORD_HEADER_BYTES + padded,
    };
    good.then_some(record)
}
