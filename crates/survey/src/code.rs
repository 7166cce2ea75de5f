//! The codes of all findings and warnings; docs/findings.md says what each means, and a test holds it to these.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    (findings { $($finding:ident = $found:literal,)+ } warnings { $($warning:ident = $warned:literal,)+ }) => {
        /// What a finding or a warning is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[serde(rename = $found)] $finding,)+
            $(#[serde(rename = $warned)] $warning,)+
        }

        impl Code {
            pub const FINDINGS: &[Self] = &[$(Self::$finding),+];
            pub const WARNINGS: &[Self] = &[$(Self::$warning),+];
            pub const ALL: &[Self] = &[$(Self::$finding,)+ $(Self::$warning,)+];

            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$finding => $found,)+
                    $(Self::$warning => $warned,)+
                }
            }
        }
    };
}

codes! {
    findings {
        ColumnByAlias = "column_by_alias",
        ColumnSpelledOtherwise = "column_spelled_otherwise",
        ColumnNotFound = "column_not_found",
        ColumnNotInCodebook = "column_not_in_codebook",
        RowsOfNoPanel = "rows_of_no_panel",
        MissingId = "missing_id",
        DuplicateId = "duplicate_id",
        RepeatWithoutAnswers = "repeat_without_answers",
        UnknownAnswer = "unknown_answer",
        NotANumber = "not_a_number",
        AmbiguousNumber = "ambiguous_number",
        TwoNumberForms = "two_number_forms",
        NumberFormNotDeclared = "number_form_not_declared",
        ThousandsAsDeclared = "thousands_as_declared",
        NotADate = "not_a_date",
        AmbiguousDate = "ambiguous_date",
        TwoDateOrders = "two_date_orders",
        DateOrderNotDeclared = "date_order_not_declared",
        OutOfRange = "out_of_range",
        AnsweredNotRouted = "answered_not_routed",
        NumberAsText = "number_as_text",
        RowOutOfScope = "row_out_of_scope",
        FilterNotApplied = "filter_not_applied",
        RuleFailed = "rule_failed",
        RuleBroke = "rule_broke",
        RuleNeverApplied = "rule_never_applied",
        RowsFlagged = "rows_flagged",
        FlagNotTold = "flag_not_told",
        ItemWhollyMissing = "item_wholly_missing",
        MissingShareDrift = "missing_share_drift",
        CategoryShareDrift = "category_share_drift",
        CategoryVanished = "category_vanished",
        CategoryNew = "category_new",
        DerivedWithoutValue = "derived_without_value",
        RecodeUnused = "recode_unused",
        ErrorCell = "error_cell",
        SpoiltId = "spoilt_id",
        UncalculatedFormula = "uncalculated_formula",
        BrokenCell = "broken_cell",
        ImpossibleDate = "impossible_date",
        LongNumber = "long_number",
        RaggedRow = "ragged_row",
        StrayQuote = "stray_quote",
        RowsInQuotes = "rows_in_quotes",
        PercentBesideNumbers = "percent_beside_numbers",
        UnreadSheet = "unread_sheet",
        RowCut = "row_cut",
        BlankRows = "blank_rows",
        PersonalColumn = "personal_column",
        NamelessColumn = "nameless_column",
        DuplicateHeader = "duplicate_header",
        EncodingFallback = "encoding_fallback",
        HiddenSheet = "hidden_sheet",
        HiddenRows = "hidden_rows",
        HiddenColumns = "hidden_columns",
    }
    warnings {
        IdsAreRecordNumbers = "ids_are_record_numbers",
        RoutingNotEvaluated = "routing_not_evaluated",
        TargetNotUsed = "target_not_used",
        ClustersShareNames = "clusters_share_names",
        ClustersWithoutRespondents = "clusters_without_respondents",
        NegativeVariance = "negative_variance",
        WaveWithoutAnswers = "wave_without_answers",
        AnswersWithoutFigures = "answers_without_figures",
        NotARelease = "not_a_release",
        ReadableByOthers = "readable_by_others",
        NotRetired = "not_retired",
        ProtectionOff = "protection_off",
        RakingNotConverged = "raking_not_converged",
        CalibrationNotConverged = "calibration_not_converged",
        TrimmingMovedTotals = "trimming_moved_totals",
        ReplicatesNotConverged = "replicates_not_converged",
        ReplicatesLostALevel = "replicates_lost_a_level",
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// By name: the order of the enum shows nowhere.
impl Ord for Code {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name().cmp(other.name())
    }
}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// A code by its text, as a caller or a test writes it.
impl PartialEq<&str> for Code {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn docs_findings_knows_every_finding_and_warning_and_no_other() {
        let page = include_str!("../../../docs/findings.md");
        let (findings, warnings) = page.split_once("## Warnings").unwrap_or_default();
        for (part, codes) in [(findings, Code::FINDINGS), (warnings, Code::WARNINGS)] {
            let rows = part.lines().filter_map(|line| line.strip_prefix("| "));
            let cells = rows.filter_map(|row| row.split(" |").next());
            let documented = cells
                .filter(|cell| cell.starts_with('`'))
                .flat_map(|cell| cell.split(',').map(|code| code.trim().trim_matches('`')));
            let documented: BTreeSet<&str> = documented.collect();
            assert_eq!(documented, codes.iter().map(|code| code.name()).collect());
        }
        assert_eq!(Code::ALL.len(), Code::FINDINGS.len() + Code::WARNINGS.len());
    }

    #[test]
    fn codes_are_sorted_by_name() {
        assert!(Code::NotADate < Code::NotANumber && Code::UnknownAnswer > Code::OutOfRange);
    }
}
