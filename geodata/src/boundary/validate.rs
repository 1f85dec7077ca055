//! Whether the regions of a file fit together: one county, no code twice, every parent there,
//! no outline that crosses itself, children that cover their parent exactly once.

use rustc_hash::FxHashMap;

use super::cover::{self, Kind, Piece};
use super::fault::{Faults, Site};
use super::read::{Draft, Drafts};
use super::ring;
use crate::plane::{Polygon, first_meeting, place};
use crate::region::{Code, Level};

/// Leaves out what cannot stand in a tree, and says so. Afterwards the drafts are in the order of
/// the tree: by level, then code.
pub fn sort_out(drafts: &mut Drafts, faults: &mut Faults) {
    let before = drafts.all.len();
    drop_duplicates(&mut drafts.all, faults);
    keep_one_county(&mut drafts.all, faults);
    drop_orphans(&mut drafts.all, faults);
    drafts.incomplete |= drafts.all.len() < before;
    drafts
        .all
        .sort_by_key(|draft| (draft.code.level(), draft.code));
}

fn drop_duplicates(drafts: &mut Vec<Draft>, faults: &mut Faults) {
    let mut first: FxHashMap<Code, usize> = FxHashMap::default();
    drafts.retain(|draft| {
        let feature = draft.site.feature.unwrap_or_default();
        let earlier = *first.entry(draft.code).or_insert(feature);
        if earlier != feature {
            let message = format!("Feature {earlier} has the same code {}.", draft.code);
            faults.error(
                &draft.site,
                "duplicate_code",
                message,
                "Give each region its own code, or remove one.",
            );
        }
        earlier == feature
    });
}

fn keep_one_county(drafts: &mut Vec<Draft>, faults: &mut Faults) {
    let mut counties = drafts
        .iter()
        .filter(|draft| draft.code.level() == Level::County);
    let Some(county) = counties.next().map(|draft| draft.code) else {
        let message = "There is no county among the features.";
        faults.error(
            &Site::default(),
            "no_county",
            message,
            "Add the county itself, with its code of 6 digits.",
        );
        return;
    };
    for other in counties {
        let message = format!("There are two counties, {county} and {}.", other.code);
        faults.error(
            &other.site,
            "two_counties",
            message,
            "Keep one county in a pack.",
        );
    }
    drafts.retain(|draft| draft.code.level() != Level::County || draft.code == county);
}

fn drop_orphans(drafts: &mut Vec<Draft>, faults: &mut Faults) {
    // Parents first, so that what hangs under an orphan is one as well.
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|at| drafts[*at].code.level());
    let mut known = rustc_hash::FxHashSet::default();
    for draft in order.into_iter().map(|at| &drafts[at]) {
        match draft.code.parent().filter(|parent| !known.contains(parent)) {
            None => {
                known.insert(draft.code);
            }
            Some(parent) => {
                let message =
                    format!("Its parent {parent} is missing, or hangs under a missing one.");
                let remedy =
                    "Add the parent, or correct the code: its first digits are the parent's.";
                faults.error(&draft.site, "orphan_code", message, remedy);
            }
        }
    }
    drafts.retain(|draft| known.contains(&draft.code));
}

/// Checks shapes, draws missing outlines around children, and compares children with parents.
pub fn fit(drafts: &mut Drafts, tolerance_m2: f64, faults: &mut Faults) {
    drafts.all.iter().for_each(|draft| simple(draft, faults));
    let children = children(&drafts.all);
    // Deepest first: a township without an outline may need villages that got theirs from grids.
    for at in (0..drafts.all.len()).rev() {
        if drafts.all[at].shape.is_none() {
            outline(drafts, at, &children[at], faults);
        }
    }
    for (at, children) in children.iter().enumerate() {
        compare(drafts, at, children, tolerance_m2, faults);
    }
}

fn simple(draft: &Draft, faults: &mut Faults) {
    let rings = draft.shape.iter().flatten().flat_map(Polygon::rings);
    if let Some(at) = first_meeting(rings) {
        ring::crossing(&draft.site, faults, "The outline", at);
    }
}

/// Of each draft its children, by place.
fn children(drafts: &[Draft]) -> Vec<Vec<usize>> {
    let places: FxHashMap<Code, usize> = drafts
        .iter()
        .enumerate()
        .map(|(at, draft)| (draft.code, at))
        .collect();
    let mut children = vec![Vec::new(); drafts.len()];
    for (at, draft) in drafts.iter().enumerate() {
        if let Some(parent) = draft.code.parent().and_then(|code| places.get(&code)) {
            children[*parent].push(at);
        }
    }
    children
}

fn outline(drafts: &mut Drafts, at: usize, children: &[usize], faults: &mut Faults) {
    let shapes: Vec<&[Polygon]> = children
        .iter()
        .filter_map(|child| drafts.all[*child].shape.as_deref())
        .collect();
    let drawn = cover::outline(&shapes);
    let draft = &mut drafts.all[at];
    if !drawn.is_empty() {
        draft.shape = Some(drawn);
    } else if !draft.spoilt {
        let message = "The region has no geometry, and nothing below it has any.";
        faults.error(
            &draft.site,
            "missing_geometry",
            message,
            "Draw its outline, or that of the regions in it.",
        );
    }
}

fn compare(drafts: &Drafts, at: usize, children: &[usize], tolerance_m2: f64, faults: &mut Faults) {
    let Some(parent) = &drafts.all[at].shape else {
        return;
    };
    let shaped: Vec<usize> = children
        .iter()
        .copied()
        .filter(|child| drafts.all[*child].shape.is_some())
        .collect();
    if shaped.is_empty() {
        return;
    }
    let shapes: Vec<&[Polygon]> = shaped
        .iter()
        .filter_map(|child| drafts.all[*child].shape.as_deref())
        .collect();
    // Where a child was left out, its gap says nothing new.
    let whole = shaped.len() == children.len() && !drafts.incomplete;
    for piece in cover::pieces(parent, &shapes, tolerance_m2) {
        report(drafts, at, &shaped, &piece, whole, faults);
    }
}

fn report(
    drafts: &Drafts,
    at: usize,
    shaped: &[usize],
    piece: &Piece,
    whole: bool,
    faults: &mut Faults,
) {
    let parent = &drafts.all[at];
    let child = |index: usize| &drafts.all[shaped[index]];
    let spot = place(piece.at);
    let spot = format!(
        "{:.0} m² near {:.6}, {:.6}",
        piece.area_m2, spot.lon, spot.lat
    );
    match &piece.kind {
        Kind::Gap if whole => {
            let message = format!(
                "No {} has {spot} of {}.",
                child(0).code.level(),
                parent.code
            );
            faults.error(
                &parent.site,
                "gap",
                message,
                "Move the borders of the neighbours together.",
            );
        }
        Kind::Gap => {}
        Kind::Overlap(holders) => {
            let names: Vec<String> = holders
                .iter()
                .map(|holder| child(*holder).code.to_string())
                .collect();
            let site = holders
                .first()
                .map_or(&parent.site, |holder| &child(*holder).site);
            let message = format!("{} overlap: {spot}.", names.join(" and "));
            faults.error(
                site,
                "overlap",
                message,
                "Move the border so that each place has one region.",
            );
        }
        Kind::Outside(holder) => {
            let message = format!("{spot} of it lies outside its parent {}.", parent.code);
            faults.error(
                &child(*holder).site,
                "outside_parent",
                message,
                "Move the border, or correct the code.",
            );
        }
    }
}
