//! What the user has chosen to see, and how an action changes it. No terminal and no file in here.

use std::time::Duration;

use crate::live::{Filter, Moment, Sort};

/// Intervals that `+` and `-` go through.
const INTERVALS: [Duration; 9] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(60),
];

/// What fills the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Pane {
    /// A row per function.
    Functions,
    /// A row per call in flight.
    Calls,
    /// A row per lazy resource.
    Resources,
    /// The process over time.
    Process,
}

impl Pane {
    pub(super) const ALL: [Pane; 4] = [Pane::Functions, Pane::Calls, Pane::Resources, Pane::Process];

    /// Its place among them.
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Quit,
    Suspend,
    Help,
    Pause,
    /// So many rows down.
    Move(isize),
    /// So many screens down.
    Page(isize),
    First,
    Last,
    /// So many keys to the right.
    Sort(isize),
    Reverse,
    /// Begin to type a filter.
    Filter,
    Type(char),
    Erase,
    /// Everything about what is selected; or: the filter is as wanted.
    Enter,
    Back,
    /// So many panes to the right.
    Pane(isize),
    Show(Pane),
    Slower,
    Faster,
    /// Begin the window anew.
    Reset,
}

/// What an action means beyond the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    Quit,
    Suspend,
    Interval(Duration),
    Reset,
}

/// A position in a list and the part of the list that is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) position: usize,
    pub(super) offset: usize,
    /// Rows that are seen, and rows that there are, when it was last drawn.
    rows: usize,
    len: usize,
}

impl Cursor {
    /// Fits it to a list that is about to be drawn: the position is one of it, and seen.
    pub(super) fn fit(&mut self, len: usize, rows: usize) {
        (self.len, self.rows) = (len, rows.max(1));
        self.position = self.position.min(len.saturating_sub(1));
        let lowest = (self.position + 1).saturating_sub(self.rows);
        self.offset = self.offset.clamp(lowest, self.position).min(len.saturating_sub(self.rows));
    }

    /// Fits it to a text that is scrolled and has no position of its own.
    fn scroll(&mut self, by: isize) {
        let last = self.len.saturating_sub(self.rows);
        self.position = self.position.saturating_add_signed(by).min(last);
        self.offset = self.position;
    }

    /// Fits it to a text that is about to be drawn.
    pub(super) fn fit_text(&mut self, len: usize, rows: usize) {
        (self.len, self.rows) = (len, rows.max(1));
        self.scroll(0);
    }

    fn step(&mut self, by: isize) {
        self.position = self.position.saturating_add_signed(by).min(self.len.saturating_sub(1));
    }
}

/// What is on the screen.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) pane: Pane,
    pub(super) sort: Sort,
    pub(super) filter: Filter,
    /// While a filter is typed, the one before it.
    pub(super) typing: Option<Filter>,
    pub(super) paused: bool,
    pub(super) help: bool,
    /// The function that everything is shown about.
    pub(super) detail: Option<usize>,
    /// The function that the selection stays with wherever it moves to; none while the selection is the first row.
    pub(super) selected: Option<usize>,
    pub(super) interval: Duration,
    cursors: [Cursor; 4],
    pub(super) text: Cursor,
}

impl Chosen {
    pub(super) fn new(pane: Pane, sort: Sort, filter: Filter, interval: Duration) -> Chosen {
        Chosen {
            pane,
            sort,
            filter,
            typing: None,
            paused: false,
            help: false,
            detail: None,
            selected: None,
            interval,
            cursors: [Cursor::default(); 4],
            text: Cursor::default(),
        }
    }

    /// The cursor of the pane that is shown.
    pub(super) fn cursor(&mut self) -> &mut Cursor {
        &mut self.cursors[self.pane.index()]
    }

    /// The functions that are listed, in their order: those that pass the filter and ran, or are running.
    pub(super) fn functions(&self, moment: &Moment) -> Vec<usize> {
        let name = |index: usize| moment.snapshot.functions[index].name.as_str();
        let is_listed = |&index: &usize| {
            let row = &moment.rows[index];
            (row.calls > 0 || row.in_flight > 0) && self.filter.matches(name(index))
        };
        let mut functions: Vec<usize> = (0..moment.rows.len()).filter(is_listed).collect();
        functions.sort_by(|&a, &b| self.sort.compare((&moment.rows[a], name(a)), (&moment.rows[b], name(b))));
        functions
    }

    /// The calls in flight that are listed, as indices: threads together, that with the oldest call first.
    pub(super) fn calls(&self, moment: &Moment) -> Vec<usize> {
        let calls = &moment.snapshot.in_flight;
        let mut oldest = std::collections::HashMap::new();
        for call in calls {
            let longest: &mut u64 = oldest.entry(call.tid).or_default();
            *longest = (*longest).max(call.elapsed_ns);
        }
        let name = |index: usize| moment.snapshot.functions.get(calls[index].function).map(|f| f.name.as_str());
        let mut listed: Vec<usize> =
            (0..calls.len()).filter(|&index| name(index).is_some_and(|name| self.filter.matches(name))).collect();
        listed.sort_by_key(|&index| {
            let call = &calls[index];
            (std::cmp::Reverse(oldest[&call.tid]), call.tid, index)
        });
        listed
    }

    /// The resources that are listed, as indices.
    pub(super) fn resources(&self, moment: &Moment) -> Vec<usize> {
        let resources = &moment.snapshot.resources;
        (0..resources.len()).filter(|&index| self.filter.matches(&resources[index].name)).collect()
    }

    /// Puts the selection where the selected function is now.
    pub(super) fn follow(&mut self, functions: &[usize]) {
        let place = self.selected.and_then(|selected| functions.iter().position(|&index| index == selected));
        if let Some(place) = place {
            self.cursor().position = place;
        }
    }

    /// Does what a key asks for.
    pub(super) fn act(&mut self, action: Action, moment: &Moment) -> Effect {
        match action {
            Action::Quit => return Effect::Quit,
            Action::Suspend => return Effect::Suspend,
            Action::Reset => return Effect::Reset,
            Action::Slower | Action::Faster => {
                let next = match action {
                    Action::Slower => INTERVALS.into_iter().find(|&interval| interval > self.interval),
                    _ => INTERVALS.into_iter().rev().find(|&interval| interval < self.interval),
                };
                self.interval = next.unwrap_or(self.interval);
                return Effect::Interval(self.interval);
            }
            Action::Help => {
                self.help = !self.help;
                self.text = Cursor::default();
            }
            Action::Pause => self.paused = !self.paused,
            Action::Sort(places) => {
                self.sort.key = self.sort.key.step(places);
                self.show(Pane::Functions);
            }
            Action::Reverse => self.sort.reversed = !self.sort.reversed,
            Action::Pane(places) => {
                let index = (self.pane.index() as isize + places).rem_euclid(Pane::ALL.len() as isize);
                self.show(Pane::ALL[index as usize]);
            }
            Action::Show(pane) => self.show(pane),
            Action::Filter => {
                self.help = false;
                self.detail = None;
                self.typing = Some(self.filter.clone());
            }
            Action::Type(character) => self.filter = Filter::new(&format!("{}{character}", self.filter.text())),
            Action::Erase => {
                let mut text = self.filter.text().to_owned();
                text.pop();
                self.filter = Filter::new(&text);
            }
            Action::Enter if self.typing.is_some() => self.typing = None,
            Action::Enter => self.enter(moment),
            Action::Back => self.back(),
            Action::Move(by) => self.step(by, moment),
            Action::Page(by) => {
                let rows = by.saturating_mul(self.page());
                self.step(rows, moment);
            }
            Action::First => self.step(isize::MIN, moment),
            Action::Last => self.step(isize::MAX, moment),
        }
        Effect::None
    }

    fn is_text(&self) -> bool {
        self.help || self.detail.is_some() || self.pane == Pane::Process
    }

    fn page(&mut self) -> isize {
        let rows = if self.is_text() { self.text.rows } else { self.cursor().rows };
        isize::try_from(rows).unwrap_or(1)
    }

    fn show(&mut self, pane: Pane) {
        self.pane = pane;
        (self.help, self.detail, self.text) = (false, None, Cursor::default());
    }

    /// One step back: out of what was typed, out of the help, out of a function; or all functions again.
    fn back(&mut self) {
        if let Some(before) = self.typing.take() {
            self.filter = before;
        } else if self.help {
            self.help = false;
        } else if self.detail.take().is_none() {
            self.filter = Filter::default();
        }
        self.text = Cursor::default();
    }

    fn enter(&mut self, moment: &Moment) {
        if self.help || self.detail.is_some() {
            return;
        }
        let position = self.cursor().position;
        let function = match self.pane {
            Pane::Functions => self.functions(moment).get(position).copied(),
            Pane::Calls => self.calls(moment).get(position).map(|&call| moment.snapshot.in_flight[call].function),
            Pane::Resources => {
                let resource = self.resources(moment).get(position).copied();
                resource.and_then(|index| moment.snapshot.resources[index].function)
            }
            Pane::Process => None,
        };
        if let Some(function) = function.filter(|&function| function < moment.rows.len()) {
            (self.detail, self.text) = (Some(function), Cursor::default());
            self.selected = Some(function);
        }
    }

    fn step(&mut self, by: isize, moment: &Moment) {
        if self.is_text() {
            self.text.scroll(by);
            return;
        }
        self.cursor().step(by);
        if self.pane == Pane::Functions {
            let position = self.cursor().position;
            self.selected = self.functions(moment).get(position).copied().filter(|_| position > 0);
        }
    }

    /// Forgets what a new run does not have.
    pub(super) fn begin_anew(&mut self) {
        (self.detail, self.selected) = (None, None);
    }
}

#[cfg(test)]
mod tests;
