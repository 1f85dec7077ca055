//! What the map must be told: the step of a cell's colour, and what changed among the lamps.

use serde::Serialize;

use crate::context::{MapLamp, lamp_name};

/// How much of its village's load a cell shows, so that trouble nearby is seen from afar.
const NEARBY: f64 = 0.4;
/// Where the steps of the load colours begin: any, some, much, most.
const STEPS: [f64; 4] = [0.01, 1.0, 2.4, 4.0];

/// The colour step, 0 (calm) to 4, of a cell by its own weight and that of its whole village.
pub fn cell_step(own: u32, village: u32) -> u8 {
    let score = f64::from(own) + NEARBY * f64::from(village.saturating_sub(own));
    STEPS.iter().map(|step| u8::from(score >= *step)).sum()
}

/// One lamp as the map takes it.
#[derive(Serialize, PartialEq, Debug)]
pub struct Put<'a> {
    id: &'a str,
    /// Degrees east and north.
    at: Option<(f64, f64)>,
    /// Where it is drawn when it has no position of its own.
    region: String,
    lamp: &'static str,
}

/// What changed between two sets of lamps.
#[derive(Serialize, PartialEq, Debug, Default)]
pub struct Diff<'a> {
    /// New ones, and those that changed.
    pub put: Vec<Put<'a>>,
    /// Ids of those that are gone.
    pub gone: Vec<&'a str>,
}

impl Diff<'_> {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty()
    }
}

/// Compares two sets, both sorted by id.
pub fn diff<'a>(old: &'a [MapLamp], new: &'a [MapLamp]) -> Diff<'a> {
    let mut diff = Diff::default();
    let mut old = old.iter().peekable();
    for lamp in new {
        while let Some(gone) = old.next_if(|o| o.id < lamp.id) {
            diff.gone.push(&gone.id);
        }
        if old
            .next_if(|o| o.id == lamp.id)
            .is_none_or(|before| before != lamp)
        {
            diff.put.push(Put {
                id: &lamp.id,
                at: lamp.at,
                region: lamp.region.to_string(),
                lamp: lamp_name(lamp.lamp),
            });
        }
    }
    diff.gone.extend(old.map(|o| o.id.as_str()));
    diff
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::lamp::Lamp;

    fn lamp(id: &str, lamp: Lamp) -> MapLamp {
        MapLamp {
            id: id.to_owned(),
            at: None,
            region: "330899101".parse().expect("code"),
            lamp,
        }
    }

    #[test]
    fn only_what_changed_is_told() {
        let old = [
            lamp("a", Lamp::Green),
            lamp("b", Lamp::Green),
            lamp("d", Lamp::Red),
        ];
        let new = [
            lamp("b", Lamp::Amber),
            lamp("c", Lamp::Green),
            lamp("d", Lamp::Red),
        ];
        let diff = diff(&old, &new);
        assert_eq!(diff.gone, ["a"]);
        assert_eq!(
            diff.put.iter().map(|p| p.id).collect::<Vec<_>>(),
            ["b", "c"]
        );
        assert!(super::diff(&new, &new).is_empty());
        assert_eq!(super::diff(&new, &[]).gone.len(), 3);
    }

    #[test]
    fn a_cell_is_lit_by_itself_and_faintly_by_its_village() {
        assert_eq!(cell_step(0, 0), 0);
        assert_eq!(cell_step(0, 2), 1);
        assert_eq!(cell_step(1, 1), 2);
        assert_eq!(cell_step(3, 3), 3);
        assert_eq!(cell_step(9, 9), 4);
    }
}
