//! The changes that actions make to the picture.

use std::sync::Arc;

use super::*;
use crate::{
    Function, Snapshot, State,
    command::live::{Key, ReadingWindow},
};

/// Functions that ran 1, 2, 3, ... times.
fn moment(names: &[&str]) -> Moment {
    let function = |(calls, name): (u64, &&str)| Function { calls, self_ns: calls, ..Function::new(*name) };
    let mut snapshot = Snapshot { functions: (1..).zip(names).map(function).collect(), ..Snapshot::empty() };
    snapshot.process.state = State::Running;
    snapshot.process.recorded_ns = 1_000;
    Moment::of(&ReadingWindow::new(0, Arc::new(snapshot)))
}

fn chosen() -> Chosen {
    let sort = Sort { key: Key::Calls, reversed: false };
    Chosen::new(Pane::Functions, sort, Filter::default(), Duration::from_secs(1))
}

fn names(chosen: &Chosen, moment: &Moment) -> Vec<String> {
    chosen.functions(moment).into_iter().map(|index| moment.snapshot.functions[index].name.clone()).collect()
}

/// As if it were drawn on a screen with room for three rows.
fn draw(chosen: &mut Chosen, moment: &Moment) -> Cursor {
    let functions = chosen.functions(moment);
    chosen.follow(&functions);
    chosen.cursor().fit(functions.len(), 3);
    *chosen.cursor()
}

#[test]
fn orders_go_by_their_key_and_the_other_way_round() {
    let (moment, mut chosen) = (moment(&["b", "a", "c"]), chosen());
    assert_eq!(names(&chosen, &moment), ["c", "a", "b"]);
    chosen.act(KeyAction::Reverse, &moment);
    assert_eq!(names(&chosen, &moment), ["b", "a", "c"]);
    // Behind the last key comes the first, the name.
    chosen.act(KeyAction::Sort(1), &moment);
    assert_eq!((chosen.sort.key, names(&chosen, &moment)), (Key::Name, vec!["c".into(), "b".into(), "a".into()]));
    chosen.act(KeyAction::Sort(-1), &moment);
    assert_eq!(chosen.sort.key, Key::Calls);
}

#[test]
fn the_selection_stays_with_its_function_but_for_the_first_row() {
    let (before, after) = (moment(&["a", "b", "c", "d"]), moment(&["c", "d", "a", "b"]));
    let mut chosen = chosen();
    draw(&mut chosen, &before);
    chosen.act(KeyAction::Move(1), &before);
    assert_eq!(draw(&mut chosen, &before).position, 1);
    let selected = chosen.selected;
    // The same function, by its place among all, is another row now.
    chosen.act(KeyAction::Reverse, &after);
    assert_eq!(draw(&mut chosen, &after).position, 2);
    assert_eq!(chosen.selected, selected);
    chosen.act(KeyAction::First, &after);
    chosen.act(KeyAction::Reverse, &after);
    assert_eq!((draw(&mut chosen, &after).position, chosen.selected), (0, None));
}

#[test]
fn a_filter_is_taken_back_or_kept() {
    let (moment, mut chosen) = (moment(&["app::get", "app::set", "other"]), chosen());
    let press = |chosen: &mut Chosen, text: &str| {
        chosen.act(KeyAction::Filter, &moment);
        for letter in text.chars() {
            chosen.act(KeyAction::Type(letter), &moment);
        }
    };
    press(&mut chosen, "app::*");
    assert_eq!(names(&chosen, &moment), ["app::set", "app::get"]);
    chosen.act(KeyAction::Enter, &moment);
    press(&mut chosen, "x");
    assert!(names(&chosen, &moment).is_empty());
    chosen.act(KeyAction::Back, &moment);
    assert_eq!((names(&chosen, &moment).len(), chosen.filter.text()), (2, "app::*"));
    chosen.act(KeyAction::Back, &moment);
    assert_eq!(names(&chosen, &moment).len(), 3, "Esc where nothing is open shows all");
}

#[test]
fn lists_scroll_as_far_as_they_must() {
    let (moment, mut chosen) = (moment(&["a", "b", "c", "d", "e"]), chosen());
    draw(&mut chosen, &moment);
    let mut places = Vec::new();
    for action in [
        KeyAction::Move(2),
        KeyAction::Move(1),
        KeyAction::Page(9),
        KeyAction::Move(-1),
        KeyAction::Move(-2),
        KeyAction::First,
    ] {
        chosen.act(action, &moment);
        let cursor = draw(&mut chosen, &moment);
        places.push((cursor.position, cursor.offset));
    }
    assert_eq!(places, [(2, 0), (3, 1), (4, 2), (3, 2), (1, 1), (0, 0)]);
}

#[test]
fn intervals_go_through_round_values() {
    let (moment, mut chosen) = (moment(&[]), chosen());
    chosen.interval = Duration::from_millis(1_500);
    assert_eq!(chosen.act(KeyAction::Slower, &moment), Effect::Interval(Duration::from_secs(2)));
    assert_eq!(chosen.act(KeyAction::Faster, &moment), Effect::Interval(Duration::from_secs(1)));
    for _ in 0..20 {
        chosen.act(KeyAction::Faster, &moment);
    }
    assert_eq!(chosen.interval, Duration::from_millis(100));
}

#[test]
fn back_leaves_what_was_entered() {
    let (moment, mut chosen) = (moment(&["a", "b"]), chosen());
    draw(&mut chosen, &moment);
    chosen.act(KeyAction::Enter, &moment);
    assert_eq!(chosen.detail, Some(1), "the function with the most calls");
    chosen.act(KeyAction::Help, &moment);
    chosen.act(KeyAction::Back, &moment);
    assert!(!chosen.help && chosen.detail.is_some());
    chosen.act(KeyAction::Back, &moment);
    assert_eq!(chosen.detail, None);
    chosen.act(KeyAction::Enter, &moment);
    chosen.act(KeyAction::Pane(-1), &moment);
    assert_eq!((chosen.pane, chosen.detail), (Pane::Stacks, None));
    chosen.forget_functions();
    assert_eq!(chosen.selected, None);
}
