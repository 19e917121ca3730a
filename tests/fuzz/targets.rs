//! The targets that need nothing but the crates.

use std::fmt::Debug;
use std::path::Path;

use cmsl_parser::{Diagnostic, Sources};
use cmsl_runtime::clock::Time;
use cmsl_runtime::kernel::call::Call;
use cmsl_runtime::kernel::directory::{Catalogue, Change, DirectoryCall, DirectoryReply, Entry};
use cmsl_runtime::kernel::message::{ToClient, ToKernel, ToPeer};
use cmsl_runtime::kernel::options::KernelOptions;
use cmsl_runtime::protocol::executive::{
    Config, Configuration, Executive, Message, Record, Recovered,
};
use cmsl_runtime::protocol::{Bytes, Device};
use cmsl_runtime::storage::disk::{Disk, Simulated};
use cmsl_runtime::storage::{Log, Owner, Store};
use cmsl_runtime::wire::{FRAME_BYTES_MAX, FrameDecoder, Reader, Wire, Writer, frame};

/// Whose log the target reads.
pub(super) const OWNER: Owner = Owner {
    cluster: 7,
    replica: 1,
};

/// What can be read is written down and read again as the same.
fn stable<T: Wire + PartialEq + Debug>(bytes: &[u8]) {
    if let Ok(value) = T::from_bytes(bytes) {
        let again = value.to_bytes();
        assert_eq!(T::from_bytes(&again).as_ref(), Ok(&value));
    }
}

/// A stream in pieces, whose size the first byte says.
pub(super) fn frames(bytes: &[u8]) {
    let Some((&size, stream)) = bytes.split_first() else {
        return;
    };
    let mut decoder = FrameDecoder::new(FRAME_BYTES_MAX);
    let mut written = Vec::new();
    for piece in stream.chunks(usize::from(size).max(1)) {
        decoder.feed(piece);
        loop {
            match decoder.next() {
                Ok(Some(found)) => {
                    written.extend(frame(found.kind, &found.payload).unwrap());
                }
                Ok(None) => break,
                Err(_) => {
                    assert!(stream.starts_with(&written), "only whole frames are taken");
                    return;
                }
            }
        }
    }
    assert!(stream.starts_with(&written), "frames are as they came");
}

/// What other kernels send.
pub(super) fn peers(bytes: &[u8]) {
    if let Ok(message) = ToPeer::from_bytes(bytes) {
        let mut writer = Writer::new();
        message.clone().write(&mut writer);
        assert_eq!(
            ToPeer::from_bytes(&writer.into_bytes()),
            Ok(message.clone())
        );
        if let ToPeer::Group { message, .. } = message {
            stable::<Message>(message);
        }
    }
    stable::<Message>(bytes);
}

/// What clients send, and what they are sent.
pub(super) fn clients(bytes: &[u8]) {
    stable::<ToKernel>(bytes);
    stable::<ToClient>(bytes);
    if let Ok(ToKernel::Request { call, .. }) = ToKernel::from_bytes(bytes) {
        calls(&call);
    }
    calls(bytes);
}

fn calls(bytes: &[u8]) {
    if let Ok(call) = Call::decode(bytes) {
        let again = Call::encode(&call.chain, &[call.body]);
        assert_eq!(Call::decode(&again), Ok(call));
    }
}

/// What is asked of the directory, its answers, and its state.
pub(super) fn directory(bytes: &[u8]) {
    stable::<DirectoryCall>(bytes);
    stable::<DirectoryReply>(bytes);
    stable::<Entry>(bytes);
    stable::<Change>(bytes);
    stable::<Catalogue>(bytes);
}

/// A segment of a log after a crash: what can be opened takes records, and has them at the next opening.
pub(super) fn log(bytes: &[u8]) {
    let disk = Simulated::default();
    write(disk.clone(), "log-0000000000000001", bytes);
    let Ok((mut log, before)) = Log::open(Box::new(disk.clone()), OWNER) else {
        return;
    };
    log.append(b"one more").unwrap();
    log.sync().unwrap();
    drop(log);
    let (_, after) = Log::open(Box::new(disk), OWNER).unwrap();
    let (last, others) = after.records.split_last().unwrap();
    assert_eq!(others, before.records);
    assert_eq!(last.as_ref(), b"one more");
}

fn write(mut disk: Simulated, name: &str, bytes: &[u8]) {
    let mut file = disk.create(name).unwrap();
    file.write(bytes).unwrap();
    file.sync().unwrap();
    disk.sync_folder().unwrap();
}

/// What stable storage gives back to a device, each piece behind its length (two bytes): records, and before them the snapshot if the
/// first byte is odd.
pub(super) fn recovery(bytes: &[u8]) {
    let Some((&first, rest)) = bytes.split_first() else {
        return;
    };
    let mut pieces = pieces(rest).into_iter();
    let recovered = Recovered {
        snapshot: (first % 2 == 1).then(|| pieces.next()).flatten(),
        records: pieces.collect(),
    };
    for record in &recovered.records {
        stable::<Record>(record);
    }
    let configuration = Configuration::new((0..3).map(Device).collect()).unwrap();
    let config = Config::new(Device(1), configuration);
    let _ = Executive::recover(config, 1, Time::ZERO, &recovered, &mut Vec::new());
}

fn pieces(bytes: &[u8]) -> Vec<Bytes> {
    let mut reader = Reader::new(bytes);
    let mut pieces = Vec::new();
    while let Ok(length) = reader.u16() {
        let Ok(piece) = reader.raw(usize::from(length)) else {
            break;
        };
        pieces.push(Bytes::from(piece));
    }
    pieces
}

/// The command line of a kernel, an argument a line. Names of hosts are looked up: only numbers are asked for.
pub(super) fn options(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let arguments: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let is_number = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_digit() || ".:[]".contains(c))
    };
    let addresses = arguments
        .iter()
        .flat_map(|argument| argument.split(','))
        .filter(|argument| argument.contains(':'))
        .map(|argument| argument.split_once('=').map_or(argument, |(_, at)| at));
    if !addresses.into_iter().all(is_number) {
        return;
    }
    match KernelOptions::parse(&arguments) {
        Ok(options) => assert!(usize::from(options.me().0) < options.peers.len()),
        Err(why) => assert!(!why.is_empty()),
    }
}

/// A program: what is wrong has a place in the text and a help, and what is right is printed; what is formatted stays as it is.
pub(super) fn source(bytes: &[u8]) {
    let mut read = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
    let loaded = cmsl_codegen::load(Path::new("fuzzed.cmsl"), bytes.to_vec(), &mut read);
    let is_form_right = !loaded.diagnostics.iter().any(Diagnostic::is_error);
    let (program, meaning) =
        cmsl_codegen::check(&loaded.sources, &loaded.files, &loaded.diagnostics);
    for wrong in loaded.diagnostics.iter().chain(&meaning) {
        let labels = wrong.labels.iter().map(|label| label.span);
        for span in labels.chain([wrong.span]) {
            let text = loaded.sources.source(span.file).text();
            assert!(text.get(span.range()).is_some(), "{wrong}");
        }
        assert!(wrong.help.is_some(), "{wrong} has no help");
    }
    if let Some(program) = program {
        let _ = cmsl_codegen::package(&program, &loaded.sources, "fuzzed");
    }
    if let (true, Ok(text)) = (is_form_right, std::str::from_utf8(bytes)) {
        formatted(text);
    }
}

fn formatted(text: &str) {
    let format = |text: &str| {
        let mut sources = Sources::new();
        let file = sources.add("fuzzed.cmsl", text);
        cmsl_parser::format(&sources, file, &[])
    };
    if let Ok(once) = format(text) {
        assert!(format(&once).is_ok_and(|twice| twice == once));
    }
}
