//! The traits of `futures`.

use std::io::{IoSlice, IoSliceMut, Result, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

use super::Profiled;
use super::operation::{itself, nothing};

impl<T: AsyncRead> AsyncRead for Profiled<T> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Result<usize>> {
        let this = self.project();
        this.read.poll(itself, || this.inner.poll_read(context, buffer))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        let this = self.project();
        this.read.poll(itself, || this.inner.poll_read_vectored(context, buffers))
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

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.project();
        this.flush.poll(nothing, || this.inner.poll_flush(context))
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let this = self.project();
        this.flush.poll(nothing, || this.inner.poll_close(context))
    }
}

impl<T: AsyncSeek> AsyncSeek for Profiled<T> {
    fn poll_seek(self: Pin<&mut Self>, context: &mut Context<'_>, position: SeekFrom) -> Poll<Result<u64>> {
        let this = self.project();
        this.seek.poll(nothing, || this.inner.poll_seek(context, position))
    }
}
