//! The traits of the standard library.
//!
//! Every method that an original may have done better than the trait does is handed on to it, and is one operation, as it is for the
//! program.

use std::cell::Cell;
use std::fmt::{self, Display};
use std::io::{BufRead, IoSlice, IoSliceMut, Read, Result, Seek, SeekFrom, Write};

use super::Profiled;
use super::operation::{itself, nothing};

impl<T: Read> Read for Profiled<T> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.read.run(itself, || self.inner.read(buffer))
    }

    fn read_vectored(&mut self, buffers: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.read.run(itself, || self.inner.read_vectored(buffers))
    }

    fn read_to_end(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        self.read.run(itself, || self.inner.read_to_end(buffer))
    }

    fn read_to_string(&mut self, buffer: &mut String) -> Result<usize> {
        self.read.run(itself, || self.inner.read_to_string(buffer))
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<()> {
        let len = buffer.len();
        self.read.run(|()| len, || self.inner.read_exact(buffer))
    }
}

impl<T: BufRead> BufRead for Profiled<T> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        let Profiled { inner, read, .. } = self;
        read.run(|_| 0, || inner.fill_buf())
    }

    fn consume(&mut self, bytes: usize) {
        self.read.moved(bytes);
        self.inner.consume(bytes);
    }

    fn read_until(&mut self, byte: u8, buffer: &mut Vec<u8>) -> Result<usize> {
        self.read.run(itself, || self.inner.read_until(byte, buffer))
    }

    fn skip_until(&mut self, byte: u8) -> Result<usize> {
        self.read.run(itself, || self.inner.skip_until(byte))
    }

    fn read_line(&mut self, buffer: &mut String) -> Result<usize> {
        self.read.run(itself, || self.inner.read_line(buffer))
    }
}

impl<T: Write> Write for Profiled<T> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        self.write.run(itself, || self.inner.write(buffer))
    }

    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        self.write.run(itself, || self.inner.write_vectored(buffers))
    }

    fn flush(&mut self) -> Result<()> {
        self.flush.run(nothing, || self.inner.flush())
    }

    fn write_all(&mut self, buffer: &[u8]) -> Result<()> {
        self.write.run(|()| buffer.len(), || self.inner.write_all(buffer))
    }

    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<()> {
        let counted = CountedArguments { arguments, bytes: Cell::new(0) };
        self.write.run(|()| counted.bytes.get(), || self.inner.write_fmt(format_args!("{counted}")))
    }
}

/// Arguments that count the bytes that they are written as. The original gets the same pieces as without.
struct CountedArguments<'a> {
    arguments: fmt::Arguments<'a>,
    bytes: Cell<usize>,
}

impl Display for CountedArguments<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Counting<'a, 'b>(&'a mut fmt::Formatter<'b>, &'a Cell<usize>);
        impl fmt::Write for Counting<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0.write_str(text)?;
                self.1.set(self.1.get() + text.len());
                Ok(())
            }
        }
        fmt::write(&mut Counting(formatter, &self.bytes), self.arguments)
    }
}

impl<T: Seek> Seek for Profiled<T> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        self.seek.run(nothing, || self.inner.seek(position))
    }

    fn rewind(&mut self) -> Result<()> {
        self.seek.run(nothing, || self.inner.rewind())
    }

    fn stream_position(&mut self) -> Result<u64> {
        self.seek.run(nothing, || self.inner.stream_position())
    }

    fn seek_relative(&mut self, offset: i64) -> Result<()> {
        self.seek.run(nothing, || self.inner.seek_relative(offset))
    }
}

// Files and sockets are read and written through shared references too.

impl<'a, T> Read for &'a Profiled<T>
where
    &'a T: Read,
{
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.read.run(itself, || (&self.inner).read(buffer))
    }

    fn read_vectored(&mut self, buffers: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.read.run(itself, || (&self.inner).read_vectored(buffers))
    }

    fn read_to_end(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        self.read.run(itself, || (&self.inner).read_to_end(buffer))
    }

    fn read_to_string(&mut self, buffer: &mut String) -> Result<usize> {
        self.read.run(itself, || (&self.inner).read_to_string(buffer))
    }

    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<()> {
        let len = buffer.len();
        self.read.run(|()| len, || (&self.inner).read_exact(buffer))
    }
}

impl<'a, T> Write for &'a Profiled<T>
where
    &'a T: Write,
{
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        self.write.run(itself, || (&self.inner).write(buffer))
    }

    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        self.write.run(itself, || (&self.inner).write_vectored(buffers))
    }

    fn flush(&mut self) -> Result<()> {
        self.flush.run(nothing, || (&self.inner).flush())
    }

    fn write_all(&mut self, buffer: &[u8]) -> Result<()> {
        self.write.run(|()| buffer.len(), || (&self.inner).write_all(buffer))
    }

    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> Result<()> {
        let counted = CountedArguments { arguments, bytes: Cell::new(0) };
        self.write.run(|()| counted.bytes.get(), || (&self.inner).write_fmt(format_args!("{counted}")))
    }
}

impl<'a, T> Seek for &'a Profiled<T>
where
    &'a T: Seek,
{
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        self.seek.run(nothing, || (&self.inner).seek(position))
    }

    fn rewind(&mut self) -> Result<()> {
        self.seek.run(nothing, || (&self.inner).rewind())
    }

    fn stream_position(&mut self) -> Result<u64> {
        self.seek.run(nothing, || (&self.inner).stream_position())
    }

    fn seek_relative(&mut self, offset: i64) -> Result<()> {
        self.seek.run(nothing, || (&self.inner).seek_relative(offset))
    }
}

#[cfg(unix)]
mod descriptors {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

    use super::Profiled;

    impl<T: AsFd> AsFd for Profiled<T> {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.inner.as_fd()
        }
    }

    impl<T: AsRawFd> AsRawFd for Profiled<T> {
        fn as_raw_fd(&self) -> RawFd {
            self.inner.as_raw_fd()
        }
    }
}
