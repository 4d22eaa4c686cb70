//! Compresses a text block by block in a pipeline of threads: one cuts blocks, two compress them, one checks that they
//! come out of the archive as they went in and adds up their checksums.
//!
//! You will see in the report:
//!
//! - the figures of `compress` are those of both its threads together; nothing is shared between them while they record.
//! - the compressors' time is in `compress`; that of the other stages is mostly in `wait for a block` and
//!   `wait for room`: labelled blocks, by `profile_block!`, around what has no function of its own. A stage that waits for
//!   blocks is too fast for the one before it, one that waits for room is too fast for the one behind it.
//! - `Archive::add` finds a block out of order now and then, keeps it back, and `Archive::append` runs when it fits.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    thread,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use flate2::{Compression, Crc, read::DeflateDecoder, write::DeflateEncoder};
use perf_examples::Prose;
use perf_runtime::{profile, profile_block};

const BLOCKS: usize = 256;
const WORDS_PER_BLOCK: usize = 3000;
const COMPRESSORS: usize = 2;
/// Blocks that wait between two stages: few, so that a slow stage is felt by those before it.
const WAITING: usize = 4;

/// Some of the text, with its place in it.
struct Block {
    number: usize,
    text: Vec<u8>,
}

/// A block that was compressed.
struct Compressed {
    number: usize,
    bytes: Vec<u8>,
    checksum: u32,
}

/// The number of blocks, which is the argument if there is one.
fn wanted() -> io::Result<usize> {
    std::env::args().nth(1).map_or(Ok(BLOCKS), |argument| argument.parse()).map_err(|_| {
        let text = "the argument is not a number of blocks; write for example: pipeline 32";
        io::Error::new(io::ErrorKind::InvalidInput, text)
    })
}

fn main() -> io::Result<()> {
    let number = wanted()?;
    let (to_compress, blocks) = bounded(WAITING);
    let (to_archive, compressed) = bounded(WAITING);
    let archive = thread::scope(|scope| {
        let cutter = scope.spawn(move || cut(number, &to_compress));
        let compressors: Vec<_> = (0..COMPRESSORS)
            .map(|_| {
                let (blocks, to_archive) = (blocks.clone(), to_archive.clone());
                scope.spawn(move || compress_all(&blocks, &to_archive))
            })
            .collect();
        // Only the threads' own ends are left, so that each stage ends when the one before it has.
        drop((blocks, to_archive));
        let archive = Archive::collect(&compressed);
        cutter.join().expect("the cutter does not panic");
        for compressor in compressors {
            compressor.join().expect("a compressor does not panic")?;
        }
        archive
    })?;

    println!("{} blocks, {} bytes, checksum {:08x}", archive.next, archive.text.amount(), archive.text.sum());
    println!("compressed to less than half: {}", archive.bytes < u64::from(archive.text.amount()) / 2);
    Ok(())
}

/// Cuts the text into blocks.
fn cut(blocks: usize, to_compress: &Sender<Block>) {
    let mut prose = Prose::learn(2);
    for number in 0..blocks {
        let text = prose.page(WORDS_PER_BLOCK).into_bytes();
        pass_on(to_compress, Block { number, text });
    }
}

/// Compresses the blocks that come.
fn compress_all(blocks: &Receiver<Block>, to_archive: &Sender<Compressed>) -> io::Result<()> {
    while let Some(block) = next(blocks) {
        pass_on(to_archive, compress(block)?);
    }
    Ok(())
}

#[profile]
fn compress(block: Block) -> io::Result<Compressed> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&block.text)?;
    Ok(Compressed { number: block.number, bytes: encoder.finish()?, checksum: checksum(&block.text) })
}

#[profile]
fn decompress(compressed: &Compressed) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    DeflateDecoder::new(compressed.bytes.as_slice()).read_to_end(&mut text)?;
    Ok(text)
}

#[profile]
fn checksum(text: &[u8]) -> u32 {
    let mut checksum = Crc::new();
    checksum.update(text);
    checksum.sum()
}

/// The blocks as the last stage has left them.
#[derive(Default)]
struct Archive {
    /// Number of the block that belongs behind those appended.
    next: usize,
    early: BTreeMap<usize, Vec<u8>>,
    /// Length and checksum of the whole text.
    text: Crc,
    bytes: u64,
}

impl Archive {
    fn collect(compressed: &Receiver<Compressed>) -> io::Result<Self> {
        let mut archive = Archive::default();
        while let Some(compressed) = next(compressed) {
            archive.add(&compressed)?;
        }
        Ok(archive)
    }

    /// Takes a block in, and appends what has found its place.
    #[profile]
    fn add(&mut self, compressed: &Compressed) -> io::Result<()> {
        let text = decompress(compressed)?;
        if checksum(&text) != compressed.checksum {
            return Err(io::Error::other(format!("block {} is damaged", compressed.number)));
        }
        self.bytes += compressed.bytes.len() as u64;
        self.early.insert(compressed.number, text);
        while let Some(text) = self.early.remove(&self.next) {
            self.append(&text);
        }
        Ok(())
    }

    #[profile]
    fn append(&mut self, text: &[u8]) {
        self.text.update(text);
        self.next += 1;
    }
}

/// The next block, or `None` when the stage before has ended.
fn next<T>(channel: &Receiver<T>) -> Option<T> {
    profile_block!("wait for a block", { channel.recv().ok() })
}

/// Hands a block to the next stage. When that has ended, it ended with an error that `main` reports, and the block is
/// of no use any more.
fn pass_on<T>(channel: &Sender<T>, block: T) {
    profile_block!("wait for room", { channel.send(block).unwrap_or(()) });
}
