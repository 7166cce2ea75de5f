//! Kinds of values.

/// What kind of value an expression has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Text,
    Number,
    Boolean,
    /// NULL: fits everywhere.
    Null,
    /// Not known because of a mistake that has been reported: fits everywhere.
    Unclear,
}

impl Class {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Null => "NULL",
            Self::Unclear => "unclear",
        }
    }

    pub(crate) fn fits(self, other: Self) -> bool {
        let open = |class| matches!(class, Self::Null | Self::Unclear);
        self == other || open(self) || open(other)
    }
}
