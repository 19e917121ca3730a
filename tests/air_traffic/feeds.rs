//! The feed formats, byte by byte: what receivers write, in pieces of any size, and garbage.

#[path = "../../examples/air-traffic-control/src/externs/frame.rs"]
mod frame;
#[path = "../../examples/air-traffic-control/src/externs/sbs.rs"]
mod sbs;

use frame::{Corrupt, Format, Frame, Message, Splitter, beast};

/// Everything that a splitter finds when the bytes come in pieces of `size`.
fn split(format: &str, bytes: &[u8], size: usize) -> Vec<Result<Frame, Corrupt>> {
    let mut splitter = Splitter::new(Format::named(format).unwrap());
    let mut found = Vec::new();
    for piece in bytes.chunks(size) {
        splitter.push(piece);
        found.extend(std::iter::from_fn(|| splitter.next()));
    }
    splitter.finish();
    found.extend(std::iter::from_fn(|| splitter.next()));
    found
}

fn mode_s(time: Option<i64>, payload: &[u8]) -> Result<Frame, Corrupt> {
    Ok(Frame {
        time,
        message: Message::ModeS(payload.to_vec()),
    })
}

#[test]
fn avr_lines_with_and_without_times() {
    let text = b"*02C60B9ED4497C;\r\n\n@00000000000C02C60B9ED4497C;\n*02C60B9ED4497C;";
    let payload = [0x02, 0xc6, 0x0b, 0x9e, 0xd4, 0x49, 0x7c];
    let expected = vec![
        mode_s(None, &payload),
        mode_s(Some(1), &payload),
        mode_s(None, &payload),
    ];
    for size in [1, 7, 1000] {
        assert_eq!(split("avr", text, size), expected);
    }
}

#[test]
fn lines_that_are_no_frames_are_counted_one_by_one() {
    let text = b"*02C6;x\n*02C60B9ED4497;\nhello\n*02C60B9ED4497C;\n";
    let found = split("avr", text, 5);
    assert_eq!(found.iter().filter(|item| item.is_err()).count(), 3);
    assert_eq!(found.iter().filter(|item| item.is_ok()).count(), 1);
}

#[test]
fn an_endless_line_takes_no_memory_and_counts_once() {
    let mut bytes = vec![b'x'; 100_000];
    bytes.extend(b"\n*02C60B9ED4497C;\n");
    let found = split("avr", &bytes, 4096);
    assert_eq!(found.iter().filter(|item| item.is_err()).count(), 1);
    assert_eq!(
        found.last().unwrap(),
        &mode_s(None, &[0x02, 0xc6, 0x0b, 0x9e, 0xd4, 0x49, 0x7c])
    );
}

#[test]
fn beast_frames_survive_escapes_and_any_cut() {
    let payload = [0x1a, 0x1a, 0x0b, 0x1a, 0xd4, 0x49, 0x1a];
    let mut bytes = beast(0x1a1a, &payload);
    bytes.extend(beast(7, &[0x5d; 14]));
    let expected = vec![mode_s(Some(0x1a1a), &payload), mode_s(Some(7), &[0x5d; 14])];
    for size in 1..bytes.len() {
        assert_eq!(split("beast", &bytes, size), expected, "pieces of {size}");
    }
}

#[test]
fn beast_goes_on_after_a_lost_piece() {
    let whole = beast(7, &[0x5d; 14]);
    let mut bytes = b"noise".to_vec();
    bytes.extend(&whole[..9]);
    bytes.extend(&whole);
    let found = split("beast", &bytes, 3);
    assert!(found.iter().any(Result::is_err));
    assert_eq!(found.last().unwrap(), &mode_s(Some(7), &[0x5d; 14]));
}

#[test]
fn an_sbs_position_with_its_time() {
    let line = b"MSG,3,1,1,A4F1D0,1,2021/05/01,12:00:00.250,2021/05/01,12:00:00.260,,35000,,,33.9,-118.4,,,0,0,0,0\n";
    let found = split("sbs", line, 10);
    let Ok(Frame {
        time,
        message: Message::Sbs(message),
    }) = &found[0]
    else {
        panic!("{found:?}");
    };
    assert_eq!(*time, Some(1_619_870_400_250_000));
    assert_eq!(message.address, 0xa4_f1d0);
    assert_eq!(message.altitude, Some(35_000));
    assert_eq!(message.place, Some((33.9, -118.4)));
}

#[test]
fn sbs_lines_out_of_range_are_corrupt() {
    for line in [
        "MSG,9,1,1,A4F1D0,1,2021/05/01,12:00:00.250,,,,,,,,,,,,,,",
        "MSG,3,1,1,A4F1D0,1,2021/05/01,25:00:00.250,,,,,,,,,,,,,,",
        "MSG,3,1,1,A4F1D0FF,1,2021/05/01,12:00:00.250,,,,,,,,,,,,,,",
        "MSG,3,1,1,A4F1D0,1,2021/05/01,12:00:00.250,,,,,,,133.9,-118.4,,,,,,",
        "MSG,3",
        "\u{0}",
    ] {
        assert!(split("sbs", line.as_bytes(), 64)[0].is_err(), "{line}");
    }
}

#[test]
fn random_bytes_never_panic_any_format() {
    let mut state = 88_172_645_463_325_252_u64;
    for format in ["avr", "beast", "sbs"] {
        let bytes: Vec<u8> = (0..50_000)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                // Many of the bytes that mean something.
                match state % 8 {
                    0 => 0x1a,
                    1 => b'*',
                    2 => b'\n',
                    3 => b',',
                    _ => u8::try_from((state >> 32) & 0xff).unwrap(),
                }
            })
            .collect();
        for size in [1, 13, 4096] {
            let _ = split(format, &bytes, size);
        }
    }
}
