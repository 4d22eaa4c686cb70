//! Sites: the static descriptions that the attributes leave behind, one per annotated place.

use std::borrow::Cow;
// A figure, which no model is about.
use std::sync::atomic::AtomicU64 as CountOfNames;

use perf_report::recording::layout::shard;
pub use perf_report::{Kind, Timing};

#[cfg(feature = "tasks")]
use crate::sync::StaticCell;
use crate::sync::{AtomicU32, Ordering};

/// The description of an annotated place, as its expansion knows it.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The kind of code.
    pub kind: Kind,
    /// How it is timed.
    pub timing: Timing,
    /// The `name` option, or a block's label.
    pub name: Option<&'static str>,
    /// `type_name` of a marker type inside the item, whose path is the item's.
    ///
    /// It is a function because the name of a type can't be a constant yet; it is called once, at registration.
    pub path: fn() -> &'static str,
    /// `module_path!()`.
    pub module: &'static str,
    /// `file!()`.
    pub file: &'static str,
    /// Line of the item's name.
    pub line: u32,
    /// Budgets, `figure=limit` joined by `;`, durations in ns.
    pub budgets: &'static str,
}

/// One annotated place.
#[derive(Debug)]
pub struct Site {
    pub(crate) description: Description,
    /// Type the site was made for, with `by_type`.
    pub(crate) type_name: Option<&'static str>,
    /// Id in the recording; 0 until it is registered.
    pub(crate) id: AtomicU32,
    /// The id if it is below [`shard::SLOT_COUNT`], else 0: such a site's slot is found without a further look.
    pub(crate) near: AtomicU32,
    /// How many names it stands for, if it is one for names that have no site of their own; else 0.
    names: CountOfNames,
    /// Of a future: the rows of its single polls, of its wakes, and of the times that it was alone, once there are any.
    #[cfg(feature = "tasks")]
    pub(crate) beside: Beside,
}

/// The rows beside that of a future.
#[cfg(feature = "tasks")]
#[derive(Debug)]
pub(crate) struct Beside {
    pub(crate) polls: StaticCell<Site>,
    pub(crate) wakes: StaticCell<Site>,
    pub(crate) alone: StaticCell<Site>,
}

#[cfg(feature = "tasks")]
impl Beside {
    const fn none() -> Beside {
        Beside { polls: StaticCell::none(), wakes: StaticCell::none(), alone: StaticCell::none() }
    }
}

impl Site {
    /// Value of `id` while a thread registers the site. Above the id of every slot table, so no slot is found by it.
    pub(crate) const BEING_REGISTERED: u32 = u32::MAX;

    /// A site that is not registered yet.
    #[cfg(not(all(test, loom)))]
    #[must_use]
    pub const fn new(description: Description) -> Self {
        Site {
            description,
            type_name: None,
            id: AtomicU32::new(0),
            near: AtomicU32::new(0),
            names: CountOfNames::new(0),
            #[cfg(feature = "tasks")]
            beside: Beside::none(),
        }
    }

    /// As above: loom's atomics are made at run time.
    #[cfg(all(test, loom))]
    pub fn new(description: Description) -> Self {
        Site {
            description,
            type_name: None,
            id: AtomicU32::new(0),
            near: AtomicU32::new(0),
            names: CountOfNames::new(0),
            #[cfg(feature = "tasks")]
            beside: Beside::none(),
        }
    }

    /// A function without options; `Here` is the marker type inside it.
    #[cfg(not(all(test, loom)))]
    #[must_use]
    pub const fn function<Here>(module: &'static str, file: &'static str, line: u32) -> Self {
        Site::new(Description {
            kind: Kind::Function,
            timing: Timing::Exact,
            name: None,
            path: core::any::type_name::<Here>,
            module,
            file,
            line,
            budgets: "",
        })
    }

    /// Gives the site its id, or with 0 takes it.
    pub(crate) fn set_id(&self, id: u32) {
        self.id.store(id, Ordering::Release);
        self.near.store(if (id as usize) < shard::SLOT_COUNT { id } else { 0 }, Ordering::Release);
    }

    /// Gives the site the id that its registration brought, unless that was in vain: all ids have been taken since.
    pub(crate) fn finish_registration(&self, id: u32) {
        if self.id.compare_exchange(Site::BEING_REGISTERED, id, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
            self.near.store(if (id as usize) < shard::SLOT_COUNT { id } else { 0 }, Ordering::Release);
        }
    }

    /// The row for one type of a generic site.
    pub(crate) fn for_type(&self, type_name: &'static str) -> Site {
        Site { type_name: Some(type_name), ..Site::new(self.description) }
    }

    /// Notes that it stands for so many names.
    #[cfg(feature = "names")]
    pub(crate) fn stand_for(&self, names: u64) {
        self.names.fetch_max(names, Ordering::Relaxed);
    }

    /// How many names it stands for; 0 if it has one of its own.
    pub(crate) fn names(&self) -> u64 {
        self.names.load(Ordering::Relaxed)
    }

    /// Its name in the reports.
    pub(crate) fn report_name(&self) -> Cow<'static, str> {
        let name = self.description.name.unwrap_or_else(|| {
            let path = (self.description.path)();
            // The body of an async function is one of its closures.
            let mut item = path.strip_suffix("::__PerfHere").unwrap_or(path);
            // `trim_end_matches` would prepare a search, for each site anew.
            while let Some(outer) = item.strip_suffix("::{{closure}}") {
                item = outer;
            }
            item
        });
        match self.type_name {
            Some(type_name) => Cow::Owned(format!("{name}<{}>", types_of(type_name))),
            None => Cow::Borrowed(name),
        }
    }

    /// The id in the recording, if it has one.
    pub(crate) fn registered_id(&self) -> Option<usize> {
        Some(self.id()).filter(|&id| id != 0 && id != Site::BEING_REGISTERED as usize)
    }

    /// Whether it is the row for one type of this generic site.
    #[cfg(feature = "monitor")]
    pub(crate) fn is_of_a_type_of(&self, generic: &Site) -> bool {
        let place = |site: &Site| (site.description.file, site.description.line, site.description.module);
        let named_so =
            || self.report_name().strip_prefix(&*generic.report_name()).is_some_and(|ty| ty.starts_with('<'));
        self.type_name.is_some() && generic.type_name.is_none() && place(self) == place(generic) && named_so()
    }

    /// See the field.
    #[inline(always)]
    pub(crate) fn near(&self) -> usize {
        self.near.load(Ordering::Relaxed) as usize
    }

    /// The id in the recording; no shard has a slot for the values that are none.
    #[inline(always)]
    pub(crate) fn id(&self) -> usize {
        self.id.load(Ordering::Relaxed) as usize
    }
}

/// The types in the name of the tuple that the attribute makes of them: `u8` of `(u8,)`, `u8, u16` of `(u8, u16)`. Each may be a tuple itself.
fn types_of(tuple: &str) -> &str {
    let inner = tuple.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    inner.map_or(tuple, |inner| inner.strip_suffix(',').unwrap_or(inner))
}

/// A site, as `inventory` collects them.
#[derive(Debug)]
pub struct Registered(pub &'static Site);

inventory::collect!(Registered);
