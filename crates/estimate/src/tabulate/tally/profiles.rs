//! Rows that are alike in all that one pass counts them by.

use survey::design::NO_CODE;

/// A cut: the level of each row (`NO_CODE` = in none), and their number.
pub(in crate::tabulate) type CutCodes<'a> = (&'a [u32], usize);

/// Rows with the same origin (class, or cell without classes) and the same levels of some cuts.
pub(super) struct Profiles {
    pub of_row: Vec<u32>,
    /// Origin of each profile.
    pub origins: Vec<u32>,
    /// Positions of the cuts, with the level of each profile.
    pub cuts: Vec<(usize, Vec<u32>)>,
}

impl Profiles {
    /// Crossed with one more cut; none where that makes more than `most` profiles.
    pub fn with(
        &self,
        position: usize,
        (codes, levels): CutCodes<'_>,
        most: usize,
    ) -> Option<Self> {
        let kinds = levels + 1;
        let mut known = vec![NO_CODE; self.origins.len() * kinds];
        // What each profile was, and its level of this cut.
        let mut before: Vec<(usize, u32)> = Vec::new();
        let cross = |(&profile, &code): (&u32, &u32)| {
            let level = (code as usize).min(levels);
            let known = &mut known[profile as usize * kinds + level];
            if *known == NO_CODE {
                if before.len() >= most {
                    return None;
                }
                *known = before.len() as u32;
                before.push((profile as usize, code));
            }
            Some(*known)
        };
        let of_row = self.of_row.iter().zip(codes).map(cross).collect::<Option<_>>()?;
        let again =
            |levels: &Vec<u32>| before.iter().map(|(profile, _)| levels[*profile]).collect();
        let mut cuts: Vec<(usize, Vec<u32>)> =
            self.cuts.iter().map(|(cut, levels)| (*cut, again(levels))).collect();
        cuts.push((position, before.iter().map(|(_, code)| *code).collect()));
        Some(Self { of_row, origins: again(&self.origins), cuts })
    }
}
