//! The reports table: snapshots, events, photos, announcements.

use crate::{
    Failure,
    items::{Item, REPORT, key, of_report, read, text},
    transaction::{self, Ended, Refused},
    vault::Sealed,
};
use aws_sdk_dynamodb::{
    Client,
    operation::{
        put_item::PutItemError,
        update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    },
    types::{
        AttributeValue, ConditionCheck, Delete, Put, ReturnValue, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update,
        builders::{ConditionCheckBuilder, PutBuilder},
    },
};
use domain::{
    announcement::Announcement,
    decide::{Decision, PhotoUse},
    desk::{self, Desk},
    event::Event,
    ids::{EventId, PhotoId, Version},
    photo::{Photo, PhotoKind, PhotoReason, PhotoState},
    photo_evidence::Evidence,
    release::Happened,
    report::Report,
    ticket::Ticket,
    view::DeskLine,
};
use jiff::{Timestamp, tz::TimeZone};
use std::collections::BTreeSet;

/// The one partition of the index of what is pending.
const PENDING: &str = "pending";

/// The reports table.
pub struct Reports {
    client: Client,
    table: String,
    zone: TimeZone,
}

/// How a command's transaction ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Committed {
    /// Stored.
    Done,
    /// The report has changed since it was read, or the event is there already: read again.
    Changed,
    /// A photo is not ready, or has been used up.
    PhotoNotReady,
    /// The pictures at these places of the command's list have served as evidence before.
    AlreadyUsed(Vec<usize>),
    /// The other report is no longer open.
    OtherClosed,
}

/// What a reporter did, to be stored all or nothing.
pub struct Done<'a> {
    /// The new snapshot.
    pub report: &'a Report,
    /// What came of it at once.
    pub happened: &'a Happened,
    /// Photos that they announce.
    pub new_photos: &'a [Photo],
    /// What becomes of photos that are there.
    pub photos: &'a [(PhotoId, Fate)],
    /// The vault's table, where the identity is to be erased.
    pub erase_from: Option<&'a str>,
}

/// What becomes of a photo by its reporter's will.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It belongs behind the lock, or no longer.
    Moved {
        /// Which.
        locked: bool,
    },
    /// Nobody is to see it again.
    Gone,
}

/// What a key from before a rotation would have made of a submission.
pub struct Earlier {
    /// The ticket.
    pub ticket: Ticket,
    /// The submission's photos.
    pub photos: Vec<PhotoId>,
}

/// How a submission's transaction ended.
pub enum Submitted {
    /// Stored.
    Done,
    /// The report is there already, and these of its submission's photos.
    Exists(Box<Report>, Vec<Photo>),
}

/// What a photo is found to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Checked {
    /// As expected.
    Fits(Box<Photo>),
    /// It is pending no longer.
    Settled(Box<Photo>),
    /// There is no such photo.
    NoSuchPhoto,
    /// What came is not what was announced, or belongs elsewhere now.
    Differs,
}

/// A page of a desk.
pub struct Page {
    /// In the order of the desk.
    pub lines: Vec<DeskLine>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

impl Reports {
    /// The reports in `table`; `zone` is the city's, whose midnight moves the urgency.
    #[must_use]
    pub fn new(client: Client, table: String, zone: TimeZone) -> Self {
        Self { client, table, zone }
    }

    /// The snapshot as of now.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn get(&self, ticket: &Ticket) -> Result<Option<Report>, Failure> {
        self.item(ticket, REPORT.to_owned(), MISFIT_REPORT).await
    }

    /// One event.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn event(&self, ticket: &Ticket, event: &EventId) -> Result<Option<Event>, Failure> {
        self.item(ticket, event_key(event), MISFIT_EVENT).await
    }

    /// One photo.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn photo(&self, ticket: &Ticket, photo: &PhotoId) -> Result<Option<Photo>, Failure> {
        self.item(ticket, photo_key(photo), MISFIT_PHOTO).await
    }

    async fn item<T: serde::de::DeserializeOwned>(
        &self,
        ticket: &Ticket,
        sort: String,
        misfit: &'static str,
    ) -> Result<Option<T>, Failure> {
        let found = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(ticket, sort)))
            .consistent_read(true)
            .send()
            .await;
        found.map_err(|error| Failure::of(&error))?.item.map(|item| read(item, misfit)).transpose()
    }

    /// Every event of a report, in any order.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn events(&self, ticket: &Ticket) -> Result<Vec<Event>, Failure> {
        self.of_kind(ticket, "event#", MISFIT_EVENT).await
    }

    /// Every photo of a report, in any order.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn photos(&self, ticket: &Ticket) -> Result<Vec<Photo>, Failure> {
        self.of_kind(ticket, "photo#", MISFIT_PHOTO).await
    }

    async fn of_kind<T: serde::de::DeserializeOwned>(
        &self,
        ticket: &Ticket,
        prefix: &str,
        misfit: &'static str,
    ) -> Result<Vec<T>, Failure> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :ticket AND begins_with(sk, :prefix)")
            .expression_attribute_values(":ticket", text(ticket.as_str()))
            .expression_attribute_values(":prefix", text(prefix))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(item) = pages.next().await {
            found.push(read(item.map_err(|error| Failure::of(&error))?, misfit)?);
        }
        Ok(found)
    }

    /// A page of a desk: at most `limit` lines after `after`, which is the `next` of the page before.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn desk(&self, desk: &Desk, limit: u8, after: Option<&str>) -> Result<Page, Failure> {
        let start = after.and_then(|order| {
            let ticket = Ticket::parse(order.split_once('#')?.1)?;
            let mut start = key(&ticket, REPORT);
            start.insert("desk".into(), text(desk.to_string()));
            start.insert("desk_order".into(), text(order));
            Some(start)
        });
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("desk")
            .key_condition_expression("desk = :desk")
            .expression_attribute_values(":desk", text(desk.to_string()))
            .limit(i32::from(limit))
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let next = page
            .last_evaluated_key
            .and_then(|key| key.get("desk_order").and_then(|order| order.as_s().ok()).cloned());
        let lines = page.items.unwrap_or_default().into_iter();
        let lines = lines.map(|item| read(item, "line of a desk does not fit its type"));
        let lines = lines.collect::<Result<_, _>>()?;
        Ok(Page { lines, next })
    }

    /// The tickets of at most `limit` reports of which something is due by `now`, in the order of slot, then ticket.
    ///
    /// Within a slot the order is the tickets', an HMAC: a shuffle that nobody can foresee or repeat.
    ///
    /// # Errors
    /// When they could not be read.
    pub async fn due(&self, now: Timestamp, limit: i32) -> Result<Vec<Ticket>, Failure> {
        let page = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(PENDING)
            .key_condition_expression("pending = :pending AND pending_at < :now")
            .expression_attribute_values(":pending", text(PENDING))
            .expression_attribute_values(":now", text(format!("{}~", pending_second(now))))
            .limit(limit)
            .send()
            .await
            .map_err(|error| Failure::of(&error))?;
        let tickets = page
            .items
            .unwrap_or_default()
            .into_iter()
            .filter_map(|item| Ticket::parse(item.get("pk")?.as_s().ok()?));
        Ok(tickets.collect())
    }

    /// Stores a new report with its photos' slots and its identity: all or nothing.
    ///
    /// `earlier` is what keys from before a rotation would have made of it: one of these existing is a replay too.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn submit(
        &self,
        decision: &Decision,
        photos: &[Photo],
        vault_table: &str,
        sealed: &Sealed,
        earlier: &[Earlier],
    ) -> Result<Submitted, Failure> {
        let ticket = &decision.report.ticket;
        let mut snapshot = self.put(self.snapshot(&decision.report, decision.event.at)?);
        snapshot = snapshot
            .condition_expression(ABSENT)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut items = vec![write_put(snapshot)?];
        for Earlier { ticket, .. } in earlier {
            items.push(write_check(self.absent(ticket, REPORT))?);
        }
        let may_exist = items.len();
        for photo in photos {
            // What has become of it tells a replay whether its upload is still waited for.
            let slot = self.put(photo_item(photo)?).condition_expression(ABSENT);
            let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
            items.push(write_put(slot.return_values_on_condition_check_failure(all_old))?);
        }
        for Earlier { ticket, photos } in earlier {
            for photo in photos {
                items.push(write_check(self.absent(ticket, &photo_key(photo)))?);
            }
        }
        let photos_exist = may_exist..items.len();
        let identity = Put::builder()
            .table_name(vault_table)
            .set_item(Some(sealed.item(ticket)))
            .condition_expression(ABSENT);
        items.push(write_put(identity)?);
        items.push(write_put(self.put(event_item(&decision.event)?).condition_expression(ABSENT))?);
        items.extend(self.announcements(&decision.announcements)?);
        match transaction::run(&self.client, "submit", items, jitter(&decision.report.version)).await? {
            Ended::Stored => Ok(Submitted::Done),
            Ended::Refused(refused) => {
                let mut old: Vec<Option<Item>> = refused.into_iter().map(|refused| refused.old).collect();
                let photos = old.drain(photos_exist).flatten().map(read_photo).collect::<Result<_, _>>()?;
                let report = old.into_iter().take(may_exist).find_map(|old| old);
                let report = report.ok_or(Failure::Bug("submission refused by another item"))?;
                let report = read(report, MISFIT_REPORT)?;
                Ok(Submitted::Exists(Box::new(report), photos))
            }
        }
    }

    /// Stores a command's decision, if the report still has the version that it was decided on.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn commit(
        &self,
        decided_on: &Report,
        decision: &Decision,
        new_photos: &[Photo],
        evidence: &[Evidence],
    ) -> Result<Committed, Failure> {
        let ticket = &decision.report.ticket;
        let mut items = vec![
            self.replace(decided_on, &decision.report, decision.event.at)?,
            write_put(self.put(event_item(&decision.event)?).condition_expression(ABSENT))?,
        ];
        let photos = items.len()..items.len() + decision.photos.len();
        for photo in &decision.photos {
            items.push(self.use_photo(ticket, photo, &decision.event.id)?);
        }
        let open = decision.open.as_ref().map(|_| items.len());
        if let Some(other) = &decision.open {
            let check = ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(Some(key(other, REPORT)))
                .condition_expression("#open = :open")
                .expression_attribute_names("#open", "open")
                .expression_attribute_values(":open", AttributeValue::Bool(true));
            items.push(write_check(check)?);
        }
        for photo in new_photos {
            items.push(write_put(self.put(photo_item(photo)?).condition_expression(ABSENT))?);
        }
        items.extend(self.announcements(&decision.announcements)?);
        let proofs = items.len();
        for evidence in evidence {
            items.push(self.put_evidence(ticket, evidence)?);
        }
        let jitter = jitter(&decision.report.version);
        Ok(match transaction::run(&self.client, "commit", items, jitter).await? {
            Ended::Stored => Committed::Done,
            Ended::Refused(refused) => {
                let failed = |n: usize| refused.get(n).is_some_and(|refused: &Refused| refused.failed);
                if failed(0) || failed(1) {
                    Committed::Changed
                } else if photos.into_iter().any(failed) {
                    Committed::PhotoNotReady
                } else if open.is_some_and(failed) {
                    Committed::OtherClosed
                } else if (proofs..proofs + evidence.len()).any(failed) {
                    let used = evidence.iter().zip(proofs..).filter(|(_, item)| failed(*item));
                    let places: BTreeSet<usize> = used.map(|(evidence, _)| evidence.place).collect();
                    Committed::AlreadyUsed(places.into_iter().collect())
                } else {
                    Committed::Changed
                }
            }
        })
    }

    /// Stores what a release changed, if nothing came between. Does nothing if something did: the report is still pending then.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn release(
        &self,
        before: &Report,
        report: &Report,
        happened: &Happened,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        self.write("release", before, report, (happened, Vec::new()), now).await
    }

    /// Stores what a reporter did, if nothing came between; `false` if something did.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn by_reporter(
        &self,
        before: &Report,
        done: &Done<'_>,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let ticket = &before.ticket;
        let mut items = Vec::new();
        if let Some(vault_table) = done.erase_from {
            let erase = Delete::builder().table_name(vault_table).key("pk", text(ticket.as_str()));
            let erase = erase.build().map_err(|_| Failure::Bug("erasure not built"))?;
            items.push(TransactWriteItem::builder().delete(erase).build());
        }
        for photo in done.new_photos {
            items.push(write_put(self.put(photo_item(photo)?).condition_expression(ABSENT))?);
        }
        for (photo, fate) in done.photos {
            let update = Update::builder()
                .table_name(&self.table)
                .set_key(Some(key(ticket, photo_key(photo))))
                .condition_expression("attribute_exists(pk)");
            let update = match fate {
                Fate::Moved { locked } => update
                    .update_expression("SET locked = :locked")
                    .expression_attribute_values(":locked", AttributeValue::Bool(*locked)),
                Fate::Gone => update
                    .update_expression("SET #state = :rejected, reason = :withdrawn REMOVE sha256, url_until")
                    .expression_attribute_names("#state", "state")
                    .expression_attribute_values(":withdrawn", text(PhotoReason::Withdrawn.as_str()))
                    .expression_attribute_values(":rejected", text(PhotoState::Rejected.as_str())),
            };
            items.push(
                TransactWriteItem::builder()
                    .update(update.build().map_err(|_| Failure::Bug("fate of a photo not built"))?)
                    .build(),
            );
        }
        self.write("reporter", before, done.report, (done.happened, items), now).await
    }

    /// A snapshot with what happened, and with more that belongs to it.
    async fn write(
        &self,
        name: &'static str,
        before: &Report,
        report: &Report,
        (happened, more): (&Happened, Vec<TransactWriteItem>),
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let mut items = vec![self.replace(before, report, now)?];
        for event in &happened.events {
            items.push(write_put(self.put(event_item(event)?).condition_expression(ABSENT))?);
        }
        items.extend(self.announcements(&happened.announcements)?);
        items.extend(more);
        let jitter = jitter(&report.version);
        Ok(matches!(transaction::run(&self.client, name, items, jitter).await?, Ended::Stored))
    }

    /// Whether a photo is pending and is what came. Changes nothing that anybody sees.
    ///
    /// A write and not a read, for whoever cleans photos may not read reports.
    ///
    /// # Errors
    /// When it could not be looked at.
    pub async fn check_photo(
        &self,
        ticket: &Ticket,
        photo: &PhotoId,
        sha256: &str,
    ) -> Result<Checked, Failure> {
        let update = self
            .update_photo(ticket, photo, PhotoState::Pending)
            .condition_expression("#state = :pending AND sha256 = :sha256")
            .expression_attribute_values(":sha256", text(sha256));
        self.checked(update).await
    }

    /// Notes that a URL for the upload of a pending photo is given again and ends at `until`. The answer is the photo as it is then:
    /// it may have come, or have been locked or taken back, meanwhile.
    ///
    /// A put and not an update, for whoever takes submissions may not update reports.
    ///
    /// # Errors
    /// When it is not known to be noted.
    pub async fn await_upload(&self, mut photo: Photo, until: Timestamp) -> Result<Photo, Failure> {
        for _ in 0..transaction::RETRIES {
            let awaited = Photo { url_until: Some(until), ..photo.clone() };
            let put = self
                .client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(photo_item(&awaited)?))
                .condition_expression("#state = :pending AND locked = :locked")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":pending", text(PhotoState::Pending.as_str()))
                .expression_attribute_values(":locked", AttributeValue::Bool(photo.locked))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            let error = match put.send().await {
                Ok(_) => return Ok(awaited),
                Err(error) => error,
            };
            let old = match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => failed.item().cloned(),
                _ => return Err(Failure::of(&error)),
            };
            photo = old.map(read_photo).transpose()?.ok_or(Failure::Bug("photo without a slot"))?;
            if photo.state != PhotoState::Pending {
                return Ok(photo);
            }
        }
        Err(Failure::RetriesExhausted)
    }

    /// Sets a photo that is pending to ready, from when it is shown, and what its picture is known by, if it still is locked or not as in `photo`.
    ///
    /// # Errors
    /// When it is not known to be set.
    pub async fn photo_is_ready(&self, photo: &Photo) -> Result<Checked, Failure> {
        let mut update = self
            .update_photo(&photo.ticket, &photo.photo, PhotoState::Ready)
            .condition_expression("#state = :pending AND locked = :locked")
            .expression_attribute_values(":locked", AttributeValue::Bool(photo.locked));
        let mut set = "SET #state = :state".to_owned();
        if let Some(from) = photo.shown_from {
            set.push_str(", shown_from = :from");
            update = update.expression_attribute_values(":from", text(from.to_string()));
        }
        if !photo.digests.is_empty() {
            set.push_str(", digests = :digests");
            let digests = photo.digests.iter().map(text).collect();
            update = update.expression_attribute_values(":digests", AttributeValue::L(digests));
        }
        if photo.damaged {
            set.push_str(", damaged = :damaged");
            update = update.expression_attribute_values(":damaged", AttributeValue::Bool(true));
        }
        self.checked(update.update_expression(format!("{set} REMOVE sha256, url_until"))).await
    }

    /// Sets a photo that is pending to rejected, and why.
    ///
    /// # Errors
    /// When it is not known to be set.
    pub async fn reject_photo(
        &self,
        ticket: &Ticket,
        photo: &PhotoId,
        reason: PhotoReason,
    ) -> Result<Checked, Failure> {
        let update = self
            .update_photo(ticket, photo, PhotoState::Rejected)
            .update_expression("SET #state = :state, reason = :reason REMOVE sha256, url_until")
            .expression_attribute_values(":reason", text(reason.as_str()));
        self.checked(update.condition_expression("#state = :pending")).await
    }

    fn update_photo(&self, ticket: &Ticket, photo: &PhotoId, state: PhotoState) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(ticket, photo_key(photo))))
            // What the upload was to be is needed no longer, and would let whoever has the picture know the report; nor is when it
            // was last asked for.
            .update_expression(match state {
                PhotoState::Pending => "SET #state = :state",
                PhotoState::Ready | PhotoState::Rejected => "SET #state = :state REMOVE sha256, url_until",
            })
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state.as_str()))
            .expression_attribute_values(":pending", text(PhotoState::Pending.as_str()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    async fn checked(&self, update: UpdateItemFluentBuilder) -> Result<Checked, Failure> {
        let mut tried = 0;
        let error = loop {
            let error = match update.clone().send().await {
                Ok(done) => {
                    let photo = done.attributes.map(read_photo).transpose()?;
                    let photo = photo.ok_or(Failure::Bug("photo not returned"))?;
                    return Ok(Checked::Fits(Box::new(photo)));
                }
                Err(error) => error,
            };
            let collided =
                matches!(error.as_service_error(), Some(UpdateItemError::TransactionConflictException(_)));
            if !collided {
                break error;
            }
            if tried == transaction::RETRIES {
                return Err(Failure::RetriesExhausted);
            }
            // A TL that asks for this photo is in the way for some milliseconds.
            tokio::time::sleep(std::time::Duration::from_millis(20 << tried)).await;
            tried += 1;
        };
        let old = match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => failed.item().cloned(),
            _ => return Err(Failure::of(&error)),
        };
        Ok(match old.map(read_photo).transpose()? {
            None => Checked::NoSuchPhoto,
            Some(photo) if photo.state == PhotoState::Pending => Checked::Differs,
            Some(photo) => Checked::Settled(Box::new(photo)),
        })
    }

    /// Writes a snapshot, if it is still the one that was read.
    fn replace(&self, read: &Report, report: &Report, now: Timestamp) -> Result<TransactWriteItem, Failure> {
        let next = Report { revision: read.revision + 1, ..report.clone() };
        let put = self
            .put(self.snapshot(&next, now)?)
            .condition_expression("revision = :read")
            .expression_attribute_values(":read", AttributeValue::N(read.revision.to_string()));
        write_put(put)
    }

    /// A check that there is no such item, which gives it back where there is one.
    fn absent(&self, ticket: &Ticket, sort: &str) -> ConditionCheckBuilder {
        ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key(ticket, sort)))
            .condition_expression(ABSENT)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    fn put(&self, item: Item) -> PutBuilder {
        Put::builder().table_name(&self.table).set_item(Some(item))
    }

    fn use_photo(
        &self,
        ticket: &Ticket,
        used: &PhotoUse,
        event: &EventId,
    ) -> Result<TransactWriteItem, Failure> {
        let key = Some(key(ticket, photo_key(&used.photo)));
        let (ready, ready_name) = (text(PhotoState::Ready.as_str()), "#state");
        if !used.serves_once() {
            let check = ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(key)
                .condition_expression("#state = :ready")
                .expression_attribute_names(ready_name, "state")
                .expression_attribute_values(":ready", ready);
            return write_check(check);
        }
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(key)
            .update_expression("SET used_by = :event")
            .condition_expression("#state = :ready AND attribute_not_exists(used_by)")
            .expression_attribute_names(ready_name, "state")
            .expression_attribute_values(":ready", ready)
            .expression_attribute_values(":event", text(event.as_str()))
            .build()
            .map_err(|_| Failure::Bug("use of a photo not built"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// A picture becomes evidence of this report, if it is of no other, and was nothing else here.
    ///
    /// Its partition is its own digest's: what it is asked by, and what two TLs that name it at once collide on.
    fn put_evidence(&self, ticket: &Ticket, evidence: &Evidence) -> Result<TransactWriteItem, Failure> {
        let Evidence { digest, kind, .. } = evidence;
        let ticket = text(ticket.as_str());
        let kind_text = text(kind.as_str());
        let item = Item::from([
            ("pk".into(), text(format!("{EVIDENCE}#{digest}"))),
            ("sk".into(), text(EVIDENCE)),
            ("kind".into(), text(EVIDENCE)),
            ("ticket".into(), ticket.clone()),
            ("photo_kind".into(), kind_text.clone()),
        ]);
        let put = match kind {
            PhotoKind::Before => self
                .put(item)
                .condition_expression(format!("{ABSENT} OR (ticket = :ticket AND photo_kind = :before)"))
                .expression_attribute_values(":ticket", ticket)
                .expression_attribute_values(":before", kind_text),
            PhotoKind::After | PhotoKind::Field | PhotoKind::Reporter => {
                self.put(item).condition_expression(ABSENT)
            }
        };
        write_put(put)
    }

    /// An announcement that is there already has been made already: the same event, the same audience.
    fn announcements(&self, announcements: &[Announcement]) -> Result<Vec<TransactWriteItem>, Failure> {
        let puts = announcements.iter().map(|announcement| {
            let sort = format!(
                "announcement#{}#{}",
                announcement.event_id,
                String::from(announcement.audience.clone())
            );
            let item = of_report(&announcement.ticket, sort, "announcement", announcement)?;
            write_put(self.put(item))
        });
        puts.collect()
    }

    /// The snapshot's item with what the two indexes need of it.
    fn snapshot(&self, report: &Report, now: Timestamp) -> Result<Item, Failure> {
        let mut item = of_report(&report.ticket, REPORT, REPORT, report)?;
        item.insert("open".into(), AttributeValue::Bool(report.status.is_open()));
        if let (Some(desk), Some(urgency)) = (report.listed_on(), report.urgency(now, &self.zone)) {
            item.insert("desk".into(), text(desk.to_string()));
            item.insert("desk_order".into(), text(desk::order(urgency, &report.ticket)));
        }
        if let Some(at) = report.next_due(now, &self.zone) {
            item.insert("pending".into(), text(PENDING));
            item.insert(
                "pending_at".into(),
                text(format!("{}#{}", pending_second(at), report.ticket.as_str())),
            );
        }
        Ok(item)
    }
}

/// The kind of item that keeps what a picture has proved.
const EVIDENCE: &str = "evidence";

const MISFIT_REPORT: &str = "stored report does not fit its type";
const MISFIT_EVENT: &str = "stored event does not fit its type";
const MISFIT_PHOTO: &str = "stored photo does not fit its type";

/// For a put that must be the first.
const ABSENT: &str = "attribute_not_exists(pk)";

fn event_key(event: &EventId) -> String {
    format!("event#{event}")
}

fn photo_key(photo: &PhotoId) -> String {
    format!("photo#{photo}")
}

fn read_photo(item: Item) -> Result<Photo, Failure> {
    read(item, MISFIT_PHOTO)
}

fn event_item(event: &Event) -> Result<Item, Failure> {
    of_report(&event.ticket, event_key(&event.id), "event", event)
}

fn photo_item(photo: &Photo) -> Result<Item, Failure> {
    of_report(&photo.ticket, photo_key(&photo.photo), "photo", photo)
}

/// A moment as a text that sorts by time.
fn pending_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Randomness for spreading retries: a version is random already.
fn jitter(version: &Version) -> u64 {
    version.as_str().bytes().fold(0, |sum, byte| sum.rotate_left(5) ^ u64::from(byte))
}

fn write_put(put: PutBuilder) -> Result<TransactWriteItem, Failure> {
    let put = put.build().map_err(|_| Failure::Bug("put not built"))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn write_check(check: ConditionCheckBuilder) -> Result<TransactWriteItem, Failure> {
    let check = check.build().map_err(|_| Failure::Bug("check not built"))?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}
