//! What keys mean.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::state::{Action, Pane};

/// All of them, as the help lists them.
pub(super) const LIST: [(&str, &str); 17] = [
    ("↑ ↓ k j", "select the row above, below"),
    ("PgUp PgDn", "a screen up, down"),
    ("Home End g G", "the first row, the last"),
    ("Enter", "everything about the selected function"),
    ("Esc", "back; clear the filter"),
    ("Tab Shift-Tab", "the next pane, the one before"),
    ("1 2 3 4", "functions, in flight, resources, process"),
    ("s S  > <", "sort by the next figure, the one before"),
    ("r", "sort the other way round"),
    ("/", "filter as you type: part of a name, or a pattern with * ? [abc]; Esc takes it back"),
    ("p Space", "hold the screen; the looks go on"),
    ("+ -", "look more seldom, more often"),
    ("z", "begin the window of recent percentiles anew"),
    ("? h", "this help"),
    ("Ctrl-L", "draw the screen again"),
    ("Ctrl-Z", "suspend"),
    ("q Ctrl-C", "quit"),
];

/// What a key asks for; `typing` says whether a filter is being typed.
pub(super) fn action(key: KeyEvent, typing: bool) -> Option<Action> {
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    if control {
        return match key.code {
            KeyCode::Char('c') => Some(Action::Quit),
            KeyCode::Char('z') => Some(Action::Suspend),
            KeyCode::Char('f') => Some(Action::Page(1)),
            KeyCode::Char('b') => Some(Action::Page(-1)),
            KeyCode::Char('h') if typing => Some(Action::Erase),
            _ => None,
        };
    }
    let action = match key.code {
        KeyCode::Up => Action::Move(-1),
        KeyCode::Down => Action::Move(1),
        KeyCode::PageUp => Action::Page(-1),
        KeyCode::PageDown => Action::Page(1),
        KeyCode::Enter => Action::Enter,
        KeyCode::Esc => Action::Back,
        KeyCode::Backspace if typing => Action::Erase,
        KeyCode::Char(character) if typing => Action::Type(character),
        KeyCode::Home => Action::First,
        KeyCode::End => Action::Last,
        KeyCode::Tab => Action::Pane(1),
        KeyCode::BackTab => Action::Pane(-1),
        KeyCode::Backspace => Action::Back,
        KeyCode::Char(character) => return plain(character),
        _ => return None,
    };
    Some(action)
}

fn plain(character: char) -> Option<Action> {
    Some(match character {
        'q' => Action::Quit,
        '?' | 'h' => Action::Help,
        'k' => Action::Move(-1),
        'j' => Action::Move(1),
        'g' => Action::First,
        'G' => Action::Last,
        's' | '>' => Action::Sort(1),
        'S' | '<' => Action::Sort(-1),
        'r' => Action::Reverse,
        '/' => Action::Filter,
        'p' | ' ' => Action::Pause,
        '+' | '=' => Action::Slower,
        '-' => Action::Faster,
        'z' => Action::Reset,
        '1' => Action::Show(Pane::Functions),
        '2' => Action::Show(Pane::Calls),
        '3' => Action::Show(Pane::Resources),
        '4' => Action::Show(Pane::Process),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_text_while_a_filter_is_typed() {
        let of = |code, typing| action(KeyEvent::new(code, KeyModifiers::NONE), typing);
        assert_eq!(of(KeyCode::Char('q'), false), Some(Action::Quit));
        assert_eq!(of(KeyCode::Char('q'), true), Some(Action::Type('q')));
        assert_eq!(of(KeyCode::Backspace, true), Some(Action::Erase));
        assert_eq!(of(KeyCode::Backspace, false), Some(Action::Back));
        assert_eq!(of(KeyCode::Down, true), Some(Action::Move(1)), "what is found can be walked through");
        assert_eq!(of(KeyCode::F(1), false), None);
        let control = |letter, typing| action(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL), typing);
        assert_eq!((control('c', false), control('c', true)), (Some(Action::Quit), Some(Action::Quit)));
        assert_eq!(control('q', true), None);
    }
}
