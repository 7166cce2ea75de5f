//! Claims about the model for BI tools, on small releases made for them.
#![allow(clippy::unwrap_used)] // a panic is the test's failure

#[path = "support/release.rs"]
mod release;

use std::fs;
use std::path::Path;

use export::semantic;
use release::{Made, figures};
use tempfile::tempdir;

/// The text of a table of the model.
fn of_model(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join("small.SemanticModel/definition").join(path)).unwrap()
}

#[test]
fn a_notice_with_quotes_and_lines_stays_a_description() {
    let made = Made::new(&figures());
    made.set_notice("Say \"no\" to <b>'quotes'</b>\nmeasure x = 1");
    let out = tempdir().unwrap();
    semantic(made.folder(), out.path()).unwrap();
    let path = out.path().join("small.SemanticModel/definition/model.tmdl");
    let text = fs::read_to_string(path).unwrap();
    assert!(text.starts_with("/// Say \"no\" to <b>'quotes'</b>\n/// measure x = 1\n"), "{text}");
}

#[test]
fn the_model_has_labels_sorted_keys_hidden_and_names_in_each_language() {
    let made = Made::new(&figures());
    let out = tempdir().unwrap();
    let model = semantic(made.folder(), out.path()).unwrap();
    assert_eq!(model.measures, ["Figure", "Low", "High", "n", "Call"]);
    let panel = of_model(out.path(), "tables/dim_panel.tmdl");
    assert!(panel.contains("column panel\n\t\tdataType: string\n\t\tisHidden\n"), "{panel}");
    let sorted = "sourceColumn: label_en\n\t\tsortByColumn: sort_order\n";
    assert!(panel.contains(sorted), "{panel}");
    let breakdown = of_model(out.path(), "tables/dim_breakdown.tmdl");
    let sorted = "sourceColumn: cell_label_en\n\t\tsortByColumn: row_order\n";
    assert!(breakdown.contains(sorted), "{breakdown}");
    for (culture, own, other) in [("nl-NL", "Naam", "Naam (en)"), ("en-GB", "Name", "Name (nl)")] {
        let text = of_model(out.path(), &format!("cultures/{culture}.tmdl"));
        assert!(text.contains(&format!("caption: {own}\n")), "{text}");
        assert!(text.contains(&format!("caption: {other}\n")), "{text}");
    }
}

#[test]
fn what_is_picked_of_a_figure_of_the_publication_shows_its_cells_alone() {
    let mut tables = figures();
    tables
        .add("public/dim_figure", "figure | sort_order | title_nl | title_en\n F1 | 1 | Een | One");
    tables.add("public/figure_panel", "figure | panel | sort_order\n F1 | gp | 1");
    tables.add("public/figure_breakdown", "figure | breakdown | sort_order\n F1 | age | 1");
    let made = Made::new(&tables);
    let out = tempdir().unwrap();
    semantic(made.folder(), out.path()).unwrap();
    let measures = of_model(out.path(), "tables/measures.tmdl");
    let within = "measure 'Is in figure' = NOT ISCROSSFILTERED ( 'dim_figure' ) || ( \
        NOT ISEMPTY ( CALCULATETABLE ( 'figure_breakdown', TREATAS ( VALUES ( 'dim_breakdown'[breakdown] ), \
        'figure_breakdown'[breakdown] ) ) ) && NOT ISEMPTY ( 'figure_panel' ) )\n";
    assert!(measures.contains(within), "{measures}");
    assert!(measures.contains("= 1 && [Is in figure], MAX"), "{measures}");
}

#[test]
fn any_language_of_the_labels_has_captions() {
    let mut tables = figures();
    tables.only_language("_nl", "_fr");
    let made = Made::new(&tables);
    let out = tempdir().unwrap();
    semantic(made.folder(), out.path()).unwrap();
    let culture = of_model(out.path(), "cultures/fr-FR.tmdl");
    assert!(culture.contains("column label_fr\n\t\t\t\t\tcaption: Name\n"), "{culture}");
}
