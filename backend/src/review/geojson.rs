//! The report as a map: the scene, each unit's way as a line with its times, and where each was
//! when it arrived.

use domain::session::Step;
use serde_json::{Value, json};

use super::Report;
use crate::problem::Language;

/// The features of a report; what may not be shown, or was never known, is not among them.
pub fn write(report: &Report, language: Language) -> Value {
    let review = &report.review;
    let scene = review.place.lon.zip(review.place.lat).map(|(lon, lat)| {
        json!({
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [lon, lat]},
            "properties": {
                "kind": "scene", "title": review.title, "region": review.region,
                "where": report.region(), "drill": review.drill,
                "ordered_at": review.ordered_at, "ended_at": review.ended_at,
            },
        })
    });
    let members = review.members.iter().flat_map(|member| {
        report.tracks_of(member).flat_map(move |track| {
            let name = json!({
                "unit": track.unit, "unit_name": report.unit(&track.unit), "org": member.org,
                "org_name": report.org(&member.org, language), "task": member.task,
            });
            let mut features = vec![line(track, &name)];
            if let Some(arrival) = &track.arrival {
                let mut properties = name;
                properties["kind"] = json!("arrival");
                properties["at"] = json!(arrival.at);
                properties["secs"] = json!(member.secs(Step::Arrived));
                features.push(json!({
                    "type": "Feature",
                    "geometry": {"type": "Point", "coordinates": [arrival.lon, arrival.lat]},
                    "properties": properties,
                }));
            }
            features
        })
    });
    json!({
        "type": "FeatureCollection",
        "session": review.session,
        "title": review.title,
        "drill": review.drill,
        "generated_at": report.generated_at,
        "features": scene.into_iter().chain(members).collect::<Vec<_>>(),
    })
}

/// A line of one point is none: that is a point then.
fn line(track: &super::Track, name: &Value) -> Value {
    let places: Vec<[f64; 2]> = track.points.iter().map(|one| [one.0, one.1]).collect();
    let times: Vec<_> = track.points.iter().map(|one| one.2).collect();
    let geometry = match places.as_slice() {
        [only] => json!({"type": "Point", "coordinates": only}),
        all => json!({"type": "LineString", "coordinates": all}),
    };
    let mut properties = name.clone();
    properties["kind"] = json!("track");
    properties["times"] = json!(times);
    properties["metres"] = json!(track.metres);
    json!({"type": "Feature", "geometry": geometry, "properties": properties})
}
