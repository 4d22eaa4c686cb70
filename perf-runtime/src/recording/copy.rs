//! A copy of a recording, for the reader that makes a snapshot of it.

use perf_report::recording::layout::header;

use super::allocator::Recording;

impl Recording {
    /// Copies what is in use.
    ///
    /// Other threads go on writing meanwhile. Each figure in the copy is one that stood there, and a site's calls are a number
    /// that it had reached at some moment during the copying.
    pub(crate) fn copy(&self) -> Vec<u64> {
        let mut copy = Vec::new();
        // Until nothing came to it meanwhile: an offset in the copy may refer to what is younger than the copy's begin.
        loop {
            let used = self.header().load_acquire(header::USED) as usize;
            if copy.len() >= used {
                copy[header::USED] = used as u64;
                return copy;
            }
            // Acquired one by one: what an offset refers to comes after it, and must not be older.
            copy.extend((copy.len()..used).map(|offset| self.words(offset).load_acquire(0)));
        }
    }
}
