//! What of an event and of an incident each clearance sees. It is applied on the server before
//! encoding, so that what is hidden never reaches the viewer's machine.

use crate::actor::Clearance;
use crate::event::{Body, Event};
use crate::incident::Incident;
use crate::incident::event::{IncidentEvent, Place, Reporter};

/// The longest run of digits a wall shows; longer ones are phone or identity numbers.
const MAX_DIGITS_SHOWN: usize = 6;

/// An event as `clearance` may see it.
pub fn event(event: &Event, clearance: Clearance) -> Event {
    let mut shown = event.clone();
    if let Body::Incident(body) = &mut shown.body {
        match body {
            IncidentEvent::Reported(data) => {
                data.title = text(&data.title, clearance);
                mask(
                    &mut data.description,
                    &mut data.place,
                    &mut data.reporter,
                    clearance,
                );
                if clearance == Clearance::Wall {
                    data.attachments.clear();
                }
            }
            IncidentEvent::Progressed(data) => data.note = text(&data.note, clearance),
            IncidentEvent::FedBack(data) => {
                data.result = text(&data.result, clearance);
                if clearance == Clearance::Wall {
                    data.evidence.clear();
                }
            }
            IncidentEvent::Closed(data) if clearance == Clearance::Wall => data.note = None,
            _ => {}
        }
    }
    shown
}

/// An incident as `clearance` may see it: the fold of its events as that clearance saw them.
pub fn incident(incident: &Incident, clearance: Clearance) -> Incident {
    let mut shown = incident.clone();
    shown.title = text(&shown.title, clearance);
    mask(
        &mut shown.description,
        &mut shown.place,
        &mut shown.reporter,
        clearance,
    );
    shown.result = shown.result.map(|result| text(&result, clearance));
    if clearance == Clearance::Wall {
        shown.attachments.clear();
    }
    shown
}

fn mask(
    description: &mut Option<String>,
    place: &mut Place,
    reporter: &mut Option<Reporter>,
    clearance: Clearance,
) {
    match clearance {
        Clearance::Full => {}
        Clearance::Staff => {
            if let Some(reporter) = reporter {
                reporter.phone = None;
            }
        }
        Clearance::Wall => {
            *description = None;
            *reporter = None;
            place.original = None;
            place.address = place.address.take().map(|address| street(&address));
        }
    }
}

fn text(text: &str, clearance: Clearance) -> String {
    if clearance > Clearance::Wall {
        text.to_owned()
    } else {
        without_numbers(text)
    }
}

/// A street and not a door: everything from the first digit on is dropped.
fn street(address: &str) -> String {
    let end = address
        .find(|c: char| c.is_ascii_digit() || c.is_numeric())
        .unwrap_or(address.len());
    address[..end]
        .trim_end_matches([' ', '#', '（', '(', ',', '，'])
        .to_owned()
}

/// Puts dots in the place of every long run of digits.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(std::iter::once('\0')) {
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        if run.len() > MAX_DIGITS_SHOWN {
            out.push_str("•••");
        } else {
            out.push_str(&run);
        }
        run.clear();
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_sees_a_street_and_no_phone() {
        assert_eq!(street("莲花路 86 号 2 单元"), "莲花路");
        assert_eq!(street("阳光社区"), "阳光社区");
        assert_eq!(
            without_numbers("联系13800001234反映12栋"),
            "联系•••反映12栋"
        );
        assert_eq!(without_numbers("13800001234"), "•••");
    }
}
