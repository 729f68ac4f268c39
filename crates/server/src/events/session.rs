//! One watcher's side of the protocol, without a transport.

use std::sync::Arc;

use atelier_api::ids::OrganizationId;
use atelier_api::v1::events::{EventBody, EventClientMessage, EventServerMessage, EventSubscribe};

use super::bus::{Bus, Cursor, Found};
use super::topics::{TOPICS_MAX, Topic};
use crate::ctx::Person;

/// After so many unanswered pings the other side is dead.
const UNANSWERED_MAX: u32 = 2;

/// A watcher.
#[derive(Debug)]
pub(super) struct Session {
    bus: Bus,
    person: Arc<Person>,
    topics: Vec<Topic>,
    /// Absent until the first subscription.
    cursor: Option<Cursor>,
    unanswered: u32,
}

/// What is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outgoing {
    /// A text frame.
    Text(String),
    /// The watcher's rights may have changed: check the credential, then send the text if any.
    Checked(Option<String>),
}

/// The watcher has broken the protocol; why, for it to read. The connection closes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) String);

impl Session {
    pub(super) fn new(bus: Bus, person: Arc<Person>) -> Self {
        Self {
            bus,
            person,
            topics: Vec::new(),
            cursor: None,
            unanswered: 0,
        }
    }

    /// A text frame came; answers what to send.
    pub(super) fn text(&mut self, text: &str) -> Result<Vec<String>, Refused> {
        let message: EventClientMessage = serde_json::from_str(text)
            .map_err(|error| Refused(format!("The message is not as expected: {error}.")))?;
        match message {
            EventClientMessage::Subscribe(subscribe) => self.subscribe(&subscribe),
        }
    }

    fn subscribe(&mut self, subscribe: &EventSubscribe) -> Result<Vec<String>, Refused> {
        if subscribe.topics.len() > TOPICS_MAX {
            return Err(Refused(format!("More than {TOPICS_MAX} topics.")));
        }
        let mut topics = Vec::with_capacity(subscribe.topics.len());
        for text in &subscribe.topics {
            let topic = Topic::parse(text).ok_or_else(|| {
                let shown: String = text.chars().take(64).collect();
                Refused(format!(
                    "“{shown}” is no topic: use organization:org_…, workspace:ws_…, node:node_… or account:acc_…."
                ))
            })?;
            if let Topic::Organization(organization) = topic
                && !sees(&self.person, organization)
            {
                return Err(Refused(
                    "There is no such organization, or you have no access to it.".to_owned(),
                ));
            }
            if let Topic::Account(account) = topic
                && account != self.person.account
            {
                return Err(Refused(
                    "Only the own account can be listened to.".to_owned(),
                ));
            }
            topics.push(topic);
        }
        self.topics = topics;
        let mut lost = false;
        if let Some(after) = subscribe.after {
            let same_epoch = subscribe.epoch.as_deref() == Some(self.bus.epoch());
            let resumed = same_epoch.then(|| self.bus.after(after)).flatten();
            lost = resumed.is_none();
            self.cursor = Some(resumed.unwrap_or_else(|| self.bus.at_end()));
        }
        // Without `after`, a change of topics goes on where it was: nothing between is missed.
        let cursor = self.cursor.get_or_insert_with(|| self.bus.at_end());
        let sequence = cursor.position();
        let mut answers = vec![render(&EventServerMessage::Subscribed {
            epoch: self.bus.epoch().to_owned(),
            sequence,
        })];
        if lost {
            answers.push(render(&EventServerMessage::Dropped { sequence }));
        }
        Ok(answers)
    }

    /// The next thing to send, if any is there.
    pub(super) fn next(&mut self) -> Option<Outgoing> {
        let cursor = self.cursor.as_mut()?;
        loop {
            match cursor.advance()? {
                Found::Dropped(sequence) => {
                    let dropped = EventServerMessage::Dropped { sequence };
                    return Some(Outgoing::Text(render(&dropped)));
                }
                Found::Event(published) => {
                    let event = &published.event;
                    let wanted = sees(&self.person, event.organization_id)
                        && self.topics.iter().any(|topic| topic.covers(event));
                    let text = wanted.then(|| published.text().to_owned());
                    // Also when it is not wanted: it may be about this very person.
                    if event.body == EventBody::OrganizationChanged {
                        return Some(Outgoing::Checked(text));
                    }
                    if let Some(text) = text {
                        return Some(Outgoing::Text(text));
                    }
                }
            }
        }
    }

    /// Resolves when [`Session::next`] has something to look at; never before a subscription.
    pub(super) async fn ready(&mut self) {
        match &mut self.cursor {
            Some(cursor) => cursor.ready().await,
            None => std::future::pending().await,
        }
    }

    /// Something came from the other side: it lives.
    pub(super) fn alive(&mut self) {
        self.unanswered = 0;
    }

    /// It is time for a ping; whether the other side still counts as living.
    pub(super) fn ping(&mut self) -> bool {
        self.unanswered += 1;
        self.unanswered <= UNANSWERED_MAX
    }
}

/// The least role sees everything that events tell.
fn sees(person: &Person, organization: OrganizationId) -> bool {
    person.role_in(organization).is_some()
}

/// The frame of a message.
pub(super) fn render(message: &EventServerMessage) -> String {
    serde_json::to_string(message).expect("a message is plain data")
}

#[cfg(test)]
mod tests {
    use atelier_api::Timestamp;
    use atelier_api::ids::{AccountId, SessionId, WorkspaceId};
    use atelier_api::v1::organizations::Role;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::ctx::Credential;

    fn organization(number: u128) -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(number))
    }

    /// A member of organization 1.
    fn session(bus: &Bus) -> Session {
        let person = Person {
            account: AccountId::from_uuid(Uuid::from_u128(1)),
            name: "Mia".to_owned(),
            credential: Credential::Session(SessionId::from_uuid(Uuid::from_u128(1))),
            roles: vec![(organization(1), Role::Viewer)],
        };
        Session::new(bus.clone(), Arc::new(person))
    }

    fn purge(bus: &Bus, number: u128) {
        let workspace_id = WorkspaceId::from_uuid(Uuid::from_u128(number));
        let body = EventBody::WorkspacePurged { workspace_id };
        bus.publish(Timestamp(0), organization(number), body);
    }

    fn subscribe(session: &mut Session, message: &Value) -> Result<Vec<Value>, Refused> {
        let answers = session.text(&message.to_string())?;
        Ok(answers
            .iter()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect())
    }

    fn to_all_of(number: u128) -> Value {
        json!({ "type": "subscribe", "topics": [format!("organization:{}", organization(number))] })
    }

    fn next_sequence(session: &mut Session) -> u64 {
        match session.next() {
            Some(Outgoing::Text(text)) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                assert_eq!(message["type"], "event", "{text}");
                message["sequence"].as_u64().unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sends_what_is_subscribed_and_visible() {
        let bus = Bus::with_history(8);
        let mut session = session(&bus);
        assert_eq!(session.next(), None);
        purge(&bus, 1);
        let answers = subscribe(&mut session, &to_all_of(1)).unwrap();
        assert_eq!(
            answers,
            [json!({ "type": "subscribed", "epoch": bus.epoch(), "sequence": 1 })]
        );
        purge(&bus, 2);
        purge(&bus, 1);
        assert_eq!(next_sequence(&mut session), 3);
        assert_eq!(session.next(), None);
    }

    #[test]
    fn a_foreign_workspace_is_not_heard_of() {
        let bus = Bus::with_history(8);
        let mut session = session(&bus);
        let foreign = WorkspaceId::from_uuid(Uuid::from_u128(2));
        let message = json!({ "type": "subscribe", "topics": [format!("workspace:{foreign}")] });
        subscribe(&mut session, &message).unwrap();
        purge(&bus, 2);
        assert_eq!(session.next(), None);
    }

    #[test]
    fn resumes_after_a_number_and_says_what_it_no_longer_has() {
        let bus = Bus::with_history(8);
        for _ in 0..10 {
            purge(&bus, 1);
        }
        let with = |epoch: &str, after: u64| {
            let mut message = to_all_of(1);
            message["epoch"] = json!(epoch);
            message["after"] = json!(after);
            message
        };
        let mut resumed = session(&bus);
        let answers = subscribe(&mut resumed, &with(bus.epoch(), 7)).unwrap();
        assert_eq!(answers.len(), 1);
        assert_eq!(answers[0]["sequence"], 7);
        for expected in 8..=10 {
            assert_eq!(next_sequence(&mut resumed), expected);
        }
        assert_eq!(resumed.next(), None);

        for message in [
            with(bus.epoch(), 1),
            with("another", 7),
            with(bus.epoch(), 11),
        ] {
            let mut lost = session(&bus);
            let answers = subscribe(&mut lost, &message).unwrap();
            assert_eq!(answers[0]["sequence"], 10, "{message}");
            assert_eq!(answers[1], json!({ "type": "dropped", "sequence": 10 }));
            assert_eq!(lost.next(), None);
        }
    }

    #[test]
    fn a_change_of_topics_misses_nothing() {
        let bus = Bus::with_history(8);
        let mut session = session(&bus);
        subscribe(&mut session, &to_all_of(1)).unwrap();
        purge(&bus, 1);
        let answers = subscribe(&mut session, &to_all_of(1)).unwrap();
        assert_eq!(answers[0]["sequence"], 0);
        assert_eq!(next_sequence(&mut session), 1);
    }

    #[test]
    fn whoever_falls_behind_is_told() {
        let bus = Bus::with_history(8);
        let mut session = session(&bus);
        subscribe(&mut session, &to_all_of(1)).unwrap();
        for _ in 0..9 {
            purge(&bus, 1);
        }
        let Some(Outgoing::Text(text)) = session.next() else {
            panic!("nothing to send");
        };
        let message: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(message, json!({ "type": "dropped", "sequence": 9 }));
        assert_eq!(session.next(), None);
    }

    #[test]
    fn every_change_of_members_asks_for_a_check() {
        let bus = Bus::with_history(8);
        let mut session = session(&bus);
        subscribe(&mut session, &to_all_of(1)).unwrap();
        bus.publish(
            Timestamp(0),
            organization(2),
            EventBody::OrganizationChanged,
        );
        bus.publish(
            Timestamp(0),
            organization(1),
            EventBody::OrganizationChanged,
        );
        assert_eq!(session.next(), Some(Outgoing::Checked(None)));
        assert!(matches!(session.next(), Some(Outgoing::Checked(Some(_)))));
    }

    #[test]
    fn refuses_what_breaks_the_protocol() {
        let bus = Bus::with_history(8);
        let own = format!("organization:{}", organization(1));
        let foreign = format!("organization:{}", organization(2));
        let another = format!("account:{}", AccountId::from_uuid(Uuid::from_u128(2)));
        for (message, why) in [
            ("", "not as expected"),
            ("[]", "not as expected"),
            ("{\"type\":\"shout\"}", "not as expected"),
            ("{\"type\":\"subscribe\"}", "not as expected"),
            (
                "{\"type\":\"subscribe\",\"topics\":[],\"after\":-1}",
                "not as expected",
            ),
            (
                "{\"type\":\"subscribe\",\"topics\":[\"all\"]}",
                "is no topic",
            ),
            (
                &json!({ "type": "subscribe", "topics": [foreign] }).to_string(),
                "no such organization",
            ),
            (
                &json!({ "type": "subscribe", "topics": [another] }).to_string(),
                "Only the own account",
            ),
            (
                &json!({ "type": "subscribe", "topics": vec![own; 101] }).to_string(),
                "More than 100",
            ),
        ] {
            let Err(Refused(detail)) = session(&bus).text(message) else {
                panic!("{message} was accepted");
            };
            assert!(detail.contains(why), "{message}: {detail}");
        }
    }

    #[test]
    fn a_side_that_answers_no_ping_is_dead_after_two() {
        let bus = Bus::with_history(8);
        let mut session = session(&bus);
        for _ in 0..5 {
            assert!(session.ping());
            session.alive();
        }
        assert!(session.ping());
        assert!(session.ping());
        assert!(!session.ping());
    }
}
