//! Colours, which say nothing that the text does not.

use ratatui::style::{Color, Modifier, Style};

/// Whether there are colours. Bold, dim and reversed text are used without them, too.
#[derive(Clone, Copy, Debug)]
pub(in crate::command::top) struct Paint {
    pub(in crate::command::top) color: bool,
}

impl Paint {
    fn color(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    /// What is read first.
    pub(super) fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is there for who looks for it.
    pub(super) fn faint(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Heads of columns.
    pub(super) fn head(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// What is as it should be.
    pub(super) fn good(self) -> Style {
        self.color(Color::Green)
    }

    /// What is worth a look.
    pub(super) fn warm(self) -> Style {
        self.color(Color::Yellow)
    }

    /// What is wrong.
    pub(super) fn hot(self) -> Style {
        self.color(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// Bars.
    pub(super) fn bars(self) -> Style {
        self.color(Color::Blue)
    }

    /// The row that keys act on, and the pane that is shown.
    pub(super) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}
