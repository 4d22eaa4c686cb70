//! The wrappers of the feature `io`: what they count, and that they change nothing.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Cursor, IoSlice, IoSliceMut, Read, Seek, SeekFrom, Write};

use perf_runtime::io::{into_inner, profiled, profiled_as};
use perf_runtime::profile;
use perf_tests::figures::calls;
use perf_tests::in_process::{self, row, snapshot, transferred};

#[profile]
fn writes(file: &mut impl Write) {
    for number in 0..10 {
        write!(file, "{number}, ").unwrap();
    }
    file.write_all(b"done").unwrap();
    file.flush().unwrap();
}

#[test]
fn a_file_is_written_and_read() {
    in_process::always();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("figures");
    let mut file = profiled_as("figures", File::options().create_new(true).read(true).write(true).open(path).unwrap());
    writes(&mut file);
    assert_eq!(file.metadata().unwrap().len(), 34);
    file.rewind().unwrap();
    let mut text = String::new();
    assert_eq!(file.read_to_string(&mut text).unwrap(), 34);
    assert_eq!(text, "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, done");
    assert_eq!(file.seek(SeekFrom::End(-4)).unwrap(), 30);
    let mut rest = [0; 4];
    file.read_exact(&mut rest).unwrap();
    assert_eq!((&rest, file.stream_position().unwrap()), (b"done", 34));
    // Through a shared reference, as files allow.
    (&file).write_all(b"!").unwrap();

    assert_eq!(transferred("figures: write"), (12, 35, 0));
    assert_eq!(transferred("figures: flush"), (1, 0, 0));
    assert_eq!(transferred("figures: read"), (2, 38, 0));
    assert_eq!(transferred("figures: seek"), (3, 0, 0));
    let snapshot = snapshot();
    let write = row(&snapshot, "figures: write");
    let by = |caller: Option<usize>| caller.map_or("none", |caller| snapshot.functions[caller].name.as_str());
    let mut callers: Vec<_> = write.callers.iter().map(|caller| (by(caller.caller), caller.calls)).collect();
    callers.sort();
    assert_eq!(callers, [("io_streams::writes", 11), ("none", 1)]);
    assert!(write.file.ends_with("io_streams.rs"), "{write:?}");
}

#[test]
fn one_place_has_one_row_and_is_its_name() {
    in_process::always();
    let files: Vec<_> = (0..3).map(|_| (line!(), profiled(Cursor::new(vec![7_u8; 5])))).collect();
    let line = files[0].0;
    for (_, mut file) in files {
        file.read_to_end(&mut Vec::new()).unwrap();
    }
    assert_eq!(transferred(&format!("Cursor<Vec<u8>> at {}:{line}: read", file!())), (3, 15, 0));
}

/// Fails as it is told.
struct Failing(io::ErrorKind);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(self.0.into())
    }
}

#[test]
fn errors_are_the_originals_and_counted_unless_to_be_tried_again() {
    in_process::always();
    let kinds = [io::ErrorKind::ConnectionReset, io::ErrorKind::WouldBlock, io::ErrorKind::Interrupted];
    for kind in kinds {
        let error = profiled_as("failing", Failing(kind)).read(&mut [0]).unwrap_err();
        assert_eq!(error.kind(), kind);
    }
    assert_eq!(transferred("failing: read"), (3, 0, 1));
}

#[test]
fn buffered_reading_counts_the_bytes_that_are_consumed() {
    in_process::always();
    let mut lines = profiled_as("lines", BufReader::new(&b"one\ntwo\nthree\nfour"[..]));
    let mut line = String::new();
    assert_eq!(lines.read_line(&mut line).unwrap(), 4);
    let mut bytes = Vec::new();
    assert_eq!((lines.read_until(b'\n', &mut bytes).unwrap(), bytes.as_slice()), (4, &b"two\n"[..]));
    assert_eq!(lines.skip_until(b'\n').unwrap(), 6);
    assert_eq!(lines.fill_buf().unwrap(), b"four");
    lines.consume(3);
    assert_eq!(transferred("lines: read"), (4, 17, 0));
    assert_eq!(lines.buffer(), b"r", "the buffer is the original's");
}

/// Counts which method was called.
#[derive(Default)]
struct Methods(Vec<&'static str>);

impl Write for Methods {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.push("write");
        Ok(buffer.len())
    }
    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.push("write_vectored");
        Ok(buffers.iter().map(|buffer| buffer.len()).sum())
    }
    fn write_all(&mut self, _: &[u8]) -> io::Result<()> {
        self.0.push("write_all");
        Ok(())
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.push("flush");
        Ok(())
    }
}

impl Read for Methods {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.push("read");
        Ok(0)
    }
    fn read_vectored(&mut self, _: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.push("read_vectored");
        Ok(0)
    }
    fn read_to_end(&mut self, _: &mut Vec<u8>) -> io::Result<usize> {
        self.0.push("read_to_end");
        Ok(0)
    }
    fn read_to_string(&mut self, _: &mut String) -> io::Result<usize> {
        self.0.push("read_to_string");
        Ok(0)
    }
    fn read_exact(&mut self, _: &mut [u8]) -> io::Result<()> {
        self.0.push("read_exact");
        Ok(())
    }
}

impl Seek for Methods {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        self.0.push("seek");
        Ok(0)
    }
    fn rewind(&mut self) -> io::Result<()> {
        self.0.push("rewind");
        Ok(())
    }
    fn stream_position(&mut self) -> io::Result<u64> {
        self.0.push("stream_position");
        Ok(0)
    }
    fn seek_relative(&mut self, _: i64) -> io::Result<()> {
        self.0.push("seek_relative");
        Ok(())
    }
}

fn use_all(methods: &mut (impl Read + Write + Seek)) {
    assert_eq!(methods.write(b"a").unwrap(), 1);
    assert_eq!(methods.write_vectored(&[IoSlice::new(b"bc")]).unwrap(), 2);
    methods.write_all(b"def").unwrap();
    write!(methods, "gh{}", 1).unwrap();
    methods.flush().unwrap();
    assert_eq!(methods.read(&mut []).unwrap(), 0);
    assert_eq!(methods.read_vectored(&mut []).unwrap(), 0);
    methods.read_to_end(&mut Vec::new()).unwrap();
    methods.read_to_string(&mut String::new()).unwrap();
    methods.read_exact(&mut []).unwrap();
    methods.seek(SeekFrom::Start(0)).unwrap();
    methods.rewind().unwrap();
    methods.stream_position().unwrap();
    methods.seek_relative(0).unwrap();
}

#[test]
fn each_method_is_the_originals_own() {
    in_process::always();
    let (mut bare, mut wrapped) = (Methods::default(), profiled_as("methods", Methods::default()));
    use_all(&mut bare);
    use_all(&mut wrapped);
    assert_eq!(into_inner(wrapped).0, bare.0);
    assert_eq!(transferred("methods: write"), (4, 9, 0));
}

#[test]
fn a_buffer_below_the_program_makes_operations_few() {
    in_process::always();
    let folder = tempfile::tempdir().unwrap();
    let file = |name| File::create(folder.path().join(name)).unwrap();
    let mut small = profiled_as("small pieces", file("small"));
    let mut large = BufWriter::new(profiled_as("large pieces", file("large")));
    for _ in 0..2_000 {
        small.write_all(b"a few words\n").unwrap();
        large.write_all(b"a few words\n").unwrap();
    }
    large.flush().unwrap();
    assert_eq!(transferred("small pieces: write"), (2_000, 24_000, 0));
    let (calls, bytes, _) = transferred("large pieces: write");
    assert!(calls <= 4 && bytes == 24_000, "{calls} calls");
}

#[test]
fn a_panic_of_the_original_ends_the_call() {
    struct Panics;
    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("as it should")
        }
    }
    in_process::always();
    let read = || profiled_as("panicking", Panics).read(&mut []).map(drop);
    assert!(std::panic::catch_unwind(read).is_err());
    let snapshot = snapshot();
    let row = row(&snapshot, "panicking: read");
    assert_eq!((row.calls, row.unwound), (1, 1));
}

#[test]
fn two_threads_add_up() {
    in_process::always();
    let reads = || {
        for _ in 0..1_000 {
            assert_eq!(profiled_as("by threads", &b"12"[..]).read(&mut [0; 2]).unwrap(), 2);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(reads);
        scope.spawn(reads);
    });
    assert_eq!(transferred("by threads: read"), (2_000, 4_000, 0));
    assert_eq!(calls(&snapshot(), "by threads: read"), 2_000);
}
