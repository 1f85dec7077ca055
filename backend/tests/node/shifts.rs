//! One shift of a command room hands its red lamps to the next, and both have signed.

use domain::actor::Role;
use serde_json::json;

use crate::support::{Folder, Station};

#[tokio::test]
async fn a_room_is_handed_over_by_two_signatures() {
    let folder = Folder::new("shifts");
    let station = Station::start(&folder.0).await;
    let township = station.township;
    for id in ["early", "late"] {
        station.person(id, Role::CommandRoom, township, false).await;
    }
    station
        .person("far", Role::CommandRoom, station.elsewhere, false)
        .await;
    let mut early = station.signed_in("early").await;
    let mut late = station.signed_in("late").await;
    let mut far = station.signed_in("far").await;

    let listed = early.get("/shifts").await;
    let room = listed.body["items"][0]["org"].as_str().expect("a room");
    let at = format!("/shifts/{room}");
    let alone = early.post(&format!("{at}/offer"), &json!({})).await;
    assert_eq!((alone.status, alone.code()), (422, "not_on_shift"));
    let begun = early.post(&format!("{at}/begin"), &json!({})).await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    assert_eq!(begun.body["person"]["id"], "early");
    assert_eq!(far.get(&at).await.status, 404);
    let strange = early.post(&format!("{at}/dance"), &json!({})).await;
    assert_eq!(strange.status, 404);
    let wrong = early.post(&format!("{at}/offer"), &json!({"too": 1})).await;
    assert_eq!((wrong.status, wrong.code()), (400, "wrong_fields"));

    let said = json!({"to": "late", "note": "下午两点与供电所会商"});
    let offered = early.post(&format!("{at}/offer"), &said).await;
    assert_eq!(offered.status, 200, "{}", offered.body);
    let own = early.post(&format!("{at}/take"), &json!({})).await;
    assert_eq!((own.status, own.code()), (422, "own_shift"));
    let taken = late
        .post(&format!("{at}/take"), &json!({"remark": "已知悉"}))
        .await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    assert_eq!(taken.body["person"]["id"], "late");
    let signed = &taken.body["past"][0];
    assert_eq!(signed["offer"]["by"], "early");
    assert_eq!(signed["offer"]["note"], said["note"]);
    assert_eq!(signed["by"], "late");
    station.stop().await;
    let again = Station::start(&folder.0).await;
    let mut late = again.signed_in("late").await;
    let kept = late.get(&at).await;
    assert_eq!(
        kept.body["past"], taken.body["past"],
        "a restart forgets none"
    );
}
