//! The user's choice of what to see, and how keys change it. Nothing here touches a terminal or a file.

use std::time::Duration;

use crate::command::live::{Filter, Moment, Sort};

/// The intervals that `+` and `-` step through.
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

/// Panes of the screen.
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
    /// The stacks of now.
    Stacks,
}

impl Pane {
    pub(super) const ALL: [Pane; 5] = [Pane::Functions, Pane::Calls, Pane::Resources, Pane::Process, Pane::Stacks];

    /// Its place among all panes.
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

/// The action of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyAction {
    Quit,
    Suspend,
    Help,
    Pause,
    /// Move down by this many rows.
    Move(isize),
    /// Move down by this many pages.
    Page(isize),
    First,
    Last,
    /// Sort by the column this many places to the right.
    Sort(isize),
    Reverse,
    /// Start typing a filter.
    Filter,
    Type(char),
    Erase,
    /// Show everything about the selected row; while typing, keep the filter.
    Enter,
    Back,
    /// Show the pane this many places to the right.
    Pane(isize),
    Show(Pane),
    Slower,
    Faster,
    /// Restart the window of the percentiles.
    Reset,
}

/// The effect of an action outside the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    Quit,
    Suspend,
    Interval(Duration),
    Reset,
}

/// A position in a list, and the visible part of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) position: usize,
    pub(super) offset: usize,
    /// Visible rows, and all rows, at the last drawing.
    rows: usize,
    len: usize,
}

impl Cursor {
    /// Fits the cursor to a list that is about to be drawn: its position exists and is visible.
    pub(super) fn fit(&mut self, len: usize, rows: usize) {
        (self.len, self.rows) = (len, rows.max(1));
        self.position = self.position.min(len.saturating_sub(1));
        let lowest = (self.position + 1).saturating_sub(self.rows);
        self.offset = self.offset.clamp(lowest, self.position).min(len.saturating_sub(self.rows));
    }

    /// Scrolls a text, which has no position of its own.
    fn scroll(&mut self, by: isize) {
        let last = self.len.saturating_sub(self.rows);
        self.position = self.position.saturating_add_signed(by).min(last);
        self.offset = self.position;
    }

    /// Fits the cursor to a text that is about to be drawn.
    pub(super) fn fit_text(&mut self, len: usize, rows: usize) {
        (self.len, self.rows) = (len, rows.max(1));
        self.scroll(0);
    }

    fn step(&mut self, by: isize) {
        self.position = self.position.saturating_add_signed(by).min(self.len.saturating_sub(1));
    }
}

/// The state of the screen.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub(super) pane: Pane,
    pub(super) sort: Sort,
    pub(super) filter: Filter,
    /// While the user types a filter, the previous one.
    pub(super) typing: Option<Filter>,
    pub(super) paused: bool,
    pub(super) help: bool,
    /// The function whose details are shown.
    pub(super) detail: Option<usize>,
    /// The function that stays selected wherever it moves; `None` while the first row is selected.
    pub(super) selected: Option<usize>,
    pub(super) interval: Duration,
    cursors: [Cursor; Pane::ALL.len()],
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
            cursors: [Cursor::default(); Pane::ALL.len()],
            text: Cursor::default(),
        }
    }

    /// The cursor of the current pane.
    pub(super) fn cursor(&mut self) -> &mut Cursor {
        &mut self.cursors[self.pane.index()]
    }

    /// The listed functions in order: those that pass the filter and have run or are running.
    pub(super) fn functions(&self, moment: &Moment) -> Vec<usize> {
        let name = |index: usize| moment.snapshot.functions[index].name.as_str();
        let is_listed = |&index: &usize| {
            let row = &moment.activities[index];
            (row.calls > 0 || row.in_flight > 0) && self.filter.matches(name(index))
        };
        let mut functions: Vec<usize> = (0..moment.activities.len()).filter(is_listed).collect();
        functions
            .sort_by(|&a, &b| self.sort.compare((&moment.activities[a], name(a)), (&moment.activities[b], name(b))));
        functions
    }

    /// Indices of the listed calls in flight: grouped by thread, the thread with the oldest call first.
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

    /// Indices of the listed resources.
    pub(super) fn resources(&self, moment: &Moment) -> Vec<usize> {
        let resources = &moment.snapshot.resources;
        (0..resources.len()).filter(|&index| self.filter.matches(&resources[index].name)).collect()
    }

    /// Moves the cursor to where the selected function is now.
    pub(super) fn follow(&mut self, functions: &[usize]) {
        let place = self.selected.and_then(|selected| functions.iter().position(|&index| index == selected));
        if let Some(place) = place {
            self.cursor().position = place;
        }
    }

    /// Carries out the action of a key.
    pub(super) fn act(&mut self, action: KeyAction, moment: &Moment) -> Effect {
        match action {
            KeyAction::Quit => return Effect::Quit,
            KeyAction::Suspend => return Effect::Suspend,
            KeyAction::Reset => return Effect::Reset,
            KeyAction::Slower | KeyAction::Faster => {
                let next = match action {
                    KeyAction::Slower => INTERVALS.into_iter().find(|&interval| interval > self.interval),
                    _ => INTERVALS.into_iter().rev().find(|&interval| interval < self.interval),
                };
                self.interval = next.unwrap_or(self.interval);
                return Effect::Interval(self.interval);
            }
            KeyAction::Help => {
                self.help = !self.help;
                self.text = Cursor::default();
            }
            KeyAction::Pause => self.paused = !self.paused,
            KeyAction::Sort(places) => {
                self.sort.key = self.sort.key.step(places);
                self.show(Pane::Functions);
            }
            KeyAction::Reverse => self.sort.reversed = !self.sort.reversed,
            KeyAction::Pane(places) => {
                let index = (self.pane.index() as isize + places).rem_euclid(Pane::ALL.len() as isize);
                self.show(Pane::ALL[index as usize]);
            }
            KeyAction::Show(pane) => self.show(pane),
            KeyAction::Filter => {
                self.help = false;
                self.detail = None;
                self.typing = Some(self.filter.clone());
            }
            KeyAction::Type(character) => self.filter = Filter::new(&format!("{}{character}", self.filter.text())),
            KeyAction::Erase => {
                let mut text = self.filter.text().to_owned();
                text.pop();
                self.filter = Filter::new(&text);
            }
            KeyAction::Enter if self.typing.is_some() => self.typing = None,
            KeyAction::Enter => self.enter(moment),
            KeyAction::Back => self.back(),
            KeyAction::Move(by) => self.step(by, moment),
            KeyAction::Page(by) => {
                let rows = by.saturating_mul(self.page());
                self.step(rows, moment);
            }
            KeyAction::First => self.step(isize::MIN, moment),
            KeyAction::Last => self.step(isize::MAX, moment),
        }
        Effect::None
    }

    fn is_text(&self) -> bool {
        self.help || self.detail.is_some() || matches!(self.pane, Pane::Process | Pane::Stacks)
    }

    fn page(&mut self) -> isize {
        let rows = if self.is_text() { self.text.rows } else { self.cursor().rows };
        isize::try_from(rows).unwrap_or(1)
    }

    fn show(&mut self, pane: Pane) {
        self.pane = pane;
        (self.help, self.detail, self.text) = (false, None, Cursor::default());
    }

    /// Goes one step back: out of the filter that is being typed, the help or the details; else clears the filter.
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
            Pane::Process | Pane::Stacks => None,
        };
        if let Some(function) = function.filter(|&function| function < moment.activities.len()) {
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

    /// Forgets the functions of a previous run.
    pub(super) fn forget_functions(&mut self) {
        (self.detail, self.selected) = (None, None);
    }
}

#[cfg(test)]
mod tests;
