//! Cells and lists of what lives for ever under loom: threads that want the same get the same, and see it whole.

use std::ptr;
use std::sync::Arc;

use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;

use super::StaticCell;
use super::static_list::StaticList;

/// Something that is filled after it was made. Whoever sees it too early sees a 0.
#[derive(Debug)]
struct Filled(AtomicU64);

impl Filled {
    fn new(number: u64) -> Self {
        let filled = Filled(AtomicU64::new(0));
        filled.0.store(number, Ordering::Relaxed);
        filled
    }

    fn number(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for Filled {
    fn default() -> Self {
        Filled::new(7)
    }
}

#[derive(Clone, Copy, Debug)]
struct Row {
    name: u64,
    filled: &'static Filled,
}

/// The row of a name, as tables of rows find and make it.
fn row(rows: &StaticList<Row>, name: u64) -> &'static Row {
    let row = rows.find_or_add(|row| row.name == name, || Row { name, filled: Box::leak(Box::new(Filled::new(name))) });
    assert_eq!((row.name, row.filled.number()), (name, name), "it is seen whole");
    row
}

#[test]
fn a_name_has_one_row_whoever_adds_it() {
    loom::model(|| {
        let rows = Arc::new(StaticList::modelled());
        let others = Arc::clone(&rows);
        let other = thread::spawn(move || ptr::from_ref(row(&others, 7)).addr());
        let one = ptr::from_ref(row(&rows, 7)).addr();
        assert_eq!(one, other.join().unwrap());
        assert_eq!(rows.iter().count(), 1);
    });
}

#[test]
fn no_row_is_lost_where_two_are_added_at_once() {
    loom::model(|| {
        let rows = Arc::new(StaticList::modelled());
        let others = Arc::clone(&rows);
        let other = thread::spawn(move || {
            row(&others, 8);
            row(&others, 7);
        });
        row(&rows, 7);
        // Whatever of the other thread's is there is whole.
        assert!(rows.iter().all(|row| row.filled.number() == row.name));
        other.join().unwrap();
        let mut names: Vec<_> = rows.iter().map(|row| row.name).collect();
        names.sort_unstable();
        assert_eq!(names, [7, 8]);
    });
}

#[test]
fn a_value_that_is_made_at_first_use_is_one() {
    loom::model(|| {
        let cell = Arc::new(StaticCell::<Filled>::modelled());
        let others = Arc::clone(&cell);
        let use_it = |cell: &StaticCell<Filled>| {
            let value = cell.get_or_default();
            assert_eq!(value.number(), 7, "it is seen whole");
            ptr::from_ref(value).addr()
        };
        let other = thread::spawn(move || use_it(&others));
        assert_eq!(use_it(&cell), other.join().unwrap());
    });
}
