//! The keys.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::state::{KeyAction, Pane};

/// All keys, as the help lists them.
pub(super) const LIST: [(&str, &str); 17] = [
    ("↑ ↓ k j", "select the previous, next row"),
    ("PgUp PgDn", "one page up, down"),
    ("Home End g G", "first, last row"),
    ("Enter", "show everything about the selected function"),
    ("Esc", "go back; clear the filter"),
    ("Tab Shift-Tab", "next, previous pane"),
    ("1 2 3 4 5", "pane: functions, in flight, resources, process, stacks"),
    ("s S  > <", "sort by the next, previous column"),
    ("r", "reverse the order"),
    ("/", "filter while you type: part of a name, or a pattern with * ? [abc]; Esc cancels"),
    ("p Space", "pause the screen; recording goes on"),
    ("+ -", "refresh less often, more often"),
    ("z", "restart the window of the percentiles"),
    ("? h", "show or hide this help"),
    ("Ctrl-L", "redraw the screen"),
    ("Ctrl-Z", "suspend"),
    ("q Ctrl-C", "quit"),
];

/// The action of a key; `typing` says whether the user is typing a filter.
pub(super) fn action(key: KeyEvent, typing: bool) -> Option<KeyAction> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if control {
        return match key.code {
            KeyCode::Char('c') => Some(KeyAction::Quit),
            KeyCode::Char('z') => Some(KeyAction::Suspend),
            KeyCode::Char('f') => Some(KeyAction::Page(1)),
            KeyCode::Char('b') => Some(KeyAction::Page(-1)),
            KeyCode::Char('h') if typing => Some(KeyAction::Erase),
            _ => None,
        };
    }
    let action = match key.code {
        KeyCode::Up => KeyAction::Move(-1),
        KeyCode::Down => KeyAction::Move(1),
        KeyCode::PageUp => KeyAction::Page(-1),
        KeyCode::PageDown => KeyAction::Page(1),
        KeyCode::Enter => KeyAction::Enter,
        KeyCode::Esc => KeyAction::Back,
        KeyCode::Backspace if typing => KeyAction::Erase,
        KeyCode::Char(character) if typing => KeyAction::Type(character),
        KeyCode::Home => KeyAction::First,
        KeyCode::End => KeyAction::Last,
        KeyCode::Tab => KeyAction::Pane(1),
        KeyCode::BackTab => KeyAction::Pane(-1),
        KeyCode::Backspace => KeyAction::Back,
        KeyCode::Char(character) => return plain(character),
        _ => return None,
    };
    Some(action)
}

fn plain(character: char) -> Option<KeyAction> {
    Some(match character {
        'q' => KeyAction::Quit,
        '?' | 'h' => KeyAction::Help,
        'k' => KeyAction::Move(-1),
        'j' => KeyAction::Move(1),
        'g' => KeyAction::First,
        'G' => KeyAction::Last,
        's' | '>' => KeyAction::Sort(1),
        'S' | '<' => KeyAction::Sort(-1),
        'r' => KeyAction::Reverse,
        '/' => KeyAction::Filter,
        'p' | ' ' => KeyAction::Pause,
        '+' | '=' => KeyAction::Slower,
        '-' => KeyAction::Faster,
        'z' => KeyAction::Reset,
        '1' => KeyAction::Show(Pane::Functions),
        '2' => KeyAction::Show(Pane::Calls),
        '3' => KeyAction::Show(Pane::Resources),
        '4' => KeyAction::Show(Pane::Process),
        '5' => KeyAction::Show(Pane::Stacks),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_text_while_the_user_types_a_filter() {
        let of = |code, typing| action(KeyEvent::new(code, KeyModifiers::NONE), typing);
        assert_eq!(of(KeyCode::Char('q'), false), Some(KeyAction::Quit));
        assert_eq!(of(KeyCode::Char('q'), true), Some(KeyAction::Type('q')));
        assert_eq!(of(KeyCode::Backspace, true), Some(KeyAction::Erase));
        assert_eq!(of(KeyCode::Backspace, false), Some(KeyAction::Back));
        assert_eq!(of(KeyCode::Down, true), Some(KeyAction::Move(1)), "the rows that pass can be walked through");
        assert_eq!(of(KeyCode::F(1), false), None);
        let control = |letter, typing| action(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL), typing);
        assert_eq!((control('c', false), control('c', true)), (Some(KeyAction::Quit), Some(KeyAction::Quit)));
        assert_eq!(control('q', true), None);
    }
}
