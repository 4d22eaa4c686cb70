//! The reasons for which a function is left alone.

use std::fmt;

/// Why a function gets no attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Left {
    // Functions that can't be annotated.
    Const,
    Naked,
    MacroDefinition,
    MacroCall,
    Attribute(String),
    Allocator,
    Test,
    Generated,
    // Functions that are annotated.
    Profiled,
    ProfiledBlock,
    Resource,
    // Functions that nobody asked for.
    Private,
    // Functions that are not worth it.
    Accessor,
    Tiny,
    Operator,
    Inlined,
    Forwards,
    MostlyTiny,
    CallsBack,
    MeasuredTiny,
    NotMeasured,
}

impl Left {
    /// Whether the selection decided so, and not the function itself.
    pub(super) fn is_choice(&self) -> bool {
        matches!(
            self,
            Left::Private
                | Left::Accessor
                | Left::Tiny
                | Left::Operator
                | Left::Inlined
                | Left::Forwards
                | Left::MostlyTiny
                | Left::CallsBack
                | Left::MeasuredTiny
                | Left::NotMeasured
        )
    }
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Left::Const => "const fn",
            Left::Naked => "naked function",
            Left::MacroDefinition => "in macro_rules!",
            Left::MacroCall => "in the arguments of a macro",
            Left::Attribute(name) => return write!(f, "#[{}] decides how it is called", name.escape_debug()),
            Left::Allocator => "part of an allocator",
            Left::Test => "test",
            Left::Generated => "generated code",
            Left::Profiled => "has #[profile] already",
            Left::ProfiledBlock => "in a block with #[profile]",
            Left::Resource => "a resource: its initialiser is timed already",
            Left::Private => "not public",
            Left::Accessor => "accessor",
            Left::Tiny => "shorter than measuring it is worth",
            Left::Operator => "operator or conversion by reference",
            Left::Inlined => "#[inline(always)]",
            Left::Forwards => "only calls a function that is annotated",
            Left::MostlyTiny => "short, and seldom calls a function that is annotated",
            Left::CallsBack => "calls a closure of its caller, whose time that is",
            Left::MeasuredTiny => "measured: shorter than measuring it is worth",
            Left::NotMeasured => "not in the profile, and nothing hot calls it",
        })
    }
}
