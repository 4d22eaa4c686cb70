//! The wrappers of the features `io-tokio` and `io-futures`: async operations last from the first poll to the one that is ready.

use std::io::{self, Cursor, IoSlice, IoSliceMut, SeekFrom};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use perf_runtime::io::{into_inner, profiled_as};
use perf_tests::in_process::{self, row, snapshot, transferred};

#[test]
fn async_operations_last_from_the_first_poll_to_the_end() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    in_process::always();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (mut near, far) = tokio::io::duplex(8);
        let mut far = profiled_as("duplex", far);
        let mut buffer = [0; 5];
        {
            // Nothing is there yet.
            let mut read = pin!(far.read(&mut buffer));
            let poll = read.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(poll.is_pending());
            near.write_all(b"hello").await.unwrap();
            assert_eq!(read.await.unwrap(), 5);
        }
        assert_eq!(&buffer, b"hello");
        far.write_all(b"12345678").await.unwrap();
        far.flush().await.unwrap();
        far.shutdown().await.unwrap();
        // One that never ends.
        let mut further = [0; 1];
        assert!(matches!(pin!(far.read(&mut further)).poll(&mut Context::from_waker(Waker::noop())), Poll::Pending));
    });
    let snapshot = snapshot();
    let read = row(&snapshot, "duplex: read");
    let polls = read.futures.expect("it is async");
    assert_eq!((read.calls, polls.started, polls.polls, polls.cancelled), (2, 2, 3, 1));
    assert_eq!(read.transfer.unwrap().bytes, 5);
    assert_eq!(transferred("duplex: write"), (1, 8, 0));
    assert_eq!(transferred("duplex: flush"), (2, 0, 0));
}

#[test]
fn the_other_traits_of_tokio() {
    use tokio::io::{AsyncBufReadExt, AsyncSeekExt, AsyncWriteExt};
    in_process::always();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut cursor = profiled_as("async cursor", Cursor::new(b"one\ntwo".to_vec()));
        let mut line = String::new();
        assert_eq!(cursor.read_line(&mut line).await.unwrap(), 4);
        assert_eq!(cursor.seek(SeekFrom::Start(1)).await.unwrap(), 1);
        assert!(tokio::io::AsyncWrite::is_write_vectored(&cursor));
        let written = cursor.write_vectored(&[IoSlice::new(b"N"), IoSlice::new(b"E")]).await.unwrap();
        assert_eq!(written, 2);
        assert_eq!(into_inner(cursor).into_inner(), b"oNE\ntwo");
    });
    assert_eq!(transferred("async cursor: read").1, 4);
    assert!(transferred("async cursor: seek").0 >= 1);
    assert_eq!(transferred("async cursor: write"), (1, 2, 0));
}

#[test]
fn the_traits_of_futures() {
    use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};
    in_process::always();
    let mut context = Context::from_waker(Waker::noop());
    let mut slice = pin!(profiled_as("futures slice", &b"some bytes"[..]));
    let mut buffer = [0; 4];
    assert!(matches!(slice.as_mut().poll_read(&mut context, &mut buffer), Poll::Ready(Ok(4))));
    assert!(matches!(slice.as_mut().poll_fill_buf(&mut context), Poll::Ready(Ok(b" bytes"))));
    slice.as_mut().consume(2);
    let mut buffers = [IoSliceMut::new(&mut buffer)];
    assert!(matches!(slice.as_mut().poll_read_vectored(&mut context, &mut buffers), Poll::Ready(Ok(4))));
    assert_eq!(transferred("futures slice: read"), (3, 10, 0));

    let mut sink = pin!(profiled_as("futures vec", Vec::new()));
    assert!(matches!(sink.as_mut().poll_write(&mut context, b"abc"), Poll::Ready(Ok(3))));
    assert!(matches!(sink.as_mut().poll_flush(&mut context), Poll::Ready(Ok(()))));
    assert!(matches!(sink.as_mut().poll_close(&mut context), Poll::Ready(Ok(()))));
    assert_eq!(transferred("futures vec: write"), (1, 3, 0));
    assert_eq!(transferred("futures vec: flush"), (2, 0, 0));

    let mut seeker = pin!(profiled_as("futures seeker", AsyncSeeker));
    assert!(matches!(seeker.as_mut().poll_seek(&mut context, SeekFrom::Start(3)), Poll::Ready(Ok(3))));
    assert_eq!(transferred("futures seeker: seek"), (1, 0, 0));
}

struct AsyncSeeker;

impl futures_io::AsyncSeek for AsyncSeeker {
    fn poll_seek(self: std::pin::Pin<&mut Self>, _: &mut Context<'_>, to: SeekFrom) -> Poll<io::Result<u64>> {
        let SeekFrom::Start(place) = to else { return Poll::Ready(Err(io::ErrorKind::Unsupported.into())) };
        Poll::Ready(Ok(place))
    }
}
