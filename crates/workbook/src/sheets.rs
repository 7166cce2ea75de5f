//! What a workbook says of its sheets before their rows are read.

/// A sheet as the list of sheets has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    pub name: String,
    pub kind: SheetKind,
    pub visibility: Visibility,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetKind {
    Worksheet,
    /// A chart, a dialog, macros.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Visible,
    Hidden,
    VeryHidden,
}

/// How a workbook is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// xlsm too.
    Xlsx,
    Xlsb,
    Ods,
    Xls,
}

impl SheetInfo {
    pub fn is_visible_worksheet(&self) -> bool {
        self.kind == SheetKind::Worksheet && self.visibility == Visibility::Visible
    }
}

/// What holds the parts of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Zip,
    Compound,
}

impl Container {
    pub(crate) fn of(start: &[u8]) -> Option<Self> {
        if start.starts_with(b"PK") {
            Some(Self::Zip)
        } else if start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
            Some(Self::Compound)
        } else {
            None
        }
    }
}

/// Whether the first bytes are those of a workbook.
pub fn is_workbook(start: &[u8]) -> bool {
    Container::of(start).is_some()
}
