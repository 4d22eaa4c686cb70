//! The traits of `tokio`.

use std::io::{IoSlice, Result, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ::tokio::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

use super::Profiled;
use super::operation::{itself, nothing};

impl<T: AsyncRead> AsyncRead for Profiled<T> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let this = self.project();
        let before = buffer.filled().len();
        let poll = || {
            ready!(this.inner.poll_read(context, buffer))?;
            Poll::Ready(Ok(buffer.filled().len() - before))
        };
        this.read.poll(itself, poll).map_ok(drop)
    }
}

impl<T: AsyncBufRead> AsyncBufRead for Profiled<T> {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<&[u8]>> {
        let this = self.project();
        this.read.poll(|_| 0, || this.inner.poll_fill_buf(context))
    }

    fn consume(self: Pin<&mut Self>, bytes: usize) {
        let this = self.project();
        this.read.moved(bytes);
        this.inner.consume(bytes);
    }
}

impl<T: AsyncWrite> AsyncWrite for Profiled<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<Result<usize>> {
        let this = self.project();
        this.write.poll(itself, || this.inner.poll_write(context, buffer))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let this = self.project();
        this.write.poll(itself, || this.inner.poll_write_vectored(context, buffers))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.project();
        this.flush.poll(nothing, || this.inner.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.project();
        this.flush.poll(nothing, || this.inner.poll_shutdown(context))
    }
}

impl<T: AsyncSeek> AsyncSeek for Profiled<T> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> Result<()> {
        self.project().inner.start_seek(position)
    }

    fn poll_complete(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<u64>> {
        let this = self.project();
        this.seek.poll(nothing, || this.inner.poll_complete(context))
    }
}
