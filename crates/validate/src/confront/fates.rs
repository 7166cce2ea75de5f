//! Where every cell of the harmonised rows ended, summed by column.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::datatypes::Int8Type;
use survey::{Fate, FateCount, columns};

use super::Stage;
use super::scope::Scope;
use crate::error::Error;

pub(super) fn sum(stage: &Stage<'_>, scope: &Scope) -> Result<Vec<FateCount>, Error> {
    let about = &stage.harmonised.about;
    let fate = stage
        .harmonised
        .extra
        .get("fate")
        .ok_or_else(|| stage.broken_handoff("no table `fate`"))?;
    let mut sums = Vec::new();
    for (position, header) in &about.headers {
        let name = columns::fate(*position);
        let codes =
            fate.column_by_name(&name).and_then(|column| column.as_primitive_opt::<Int8Type>());
        let codes = codes.ok_or_else(|| {
            stage.broken_handoff(&format!("no column `{name}` in the table `fate`"))
        })?;
        let mut by_fate: BTreeMap<(Fate, String), u64> = BTreeMap::new();
        let mut by_code = [0_u64; 32];
        for (code, left_out_by) in codes.values().iter().zip(&scope.left_out_by) {
            if left_out_by.is_none() {
                by_code[*code as usize & 31] += 1;
            }
        }
        for (code, cells) in by_code.into_iter().enumerate().filter(|(_, cells)| *cells > 0) {
            let fate = Fate::from_code(code as i8)
                .ok_or_else(|| stage.broken_handoff("a fate nobody knows"))?;
            let reason = match fate {
                Fate::Missing(reason) => reason.name(),
                Fate::Quarantined => "invalid_cell",
                _ => "",
            };
            by_fate.insert((fate, reason.to_owned()), cells);
        }
        for by in scope.left_out_by.iter().flatten() {
            let reason = format!("filter:{}", scope.reasons[*by as usize]);
            *by_fate.entry((Fate::Dropped, reason)).or_default() += 1;
        }
        sums.extend(by_fate.into_iter().map(|((fate, reason), cells)| FateCount {
            delivery: about.delivery.clone(),
            column: *position,
            header: header.clone(),
            panel: Some(stage.settings.panel_wave.panel.clone()),
            fate,
            reason,
            cells,
        }));
    }
    Ok(sums)
}
