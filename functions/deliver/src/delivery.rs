//! Delivering an update to a reporter by the first medium that takes it: the channel's topic, SMS, e-mail.

use crate::update::Update;
use aws_failure::Failure;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
use aws_sdk_sns::{error::ProvideErrorMetadata, types::MessageAttributeValue};
use domain::{
    contact::{mailbox, phone_number},
    ids::EventId,
    sms_and_email_text,
    status::Status,
};
use serde::Serialize;
use store::vault::Identity;

/// The media that this stack delivers by.
pub(crate) struct Media {
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) ses: aws_sdk_sesv2::Client,
    /// The name that all channels' topics begin with; the channel's code follows.
    pub(crate) channel_topics: String,
    /// Whether the stack sends SMS.
    pub(crate) sms: bool,
    /// The sender's address for e-mail, if the stack sends any.
    pub(crate) sender: Option<String>,
}

/// What became of an update, with the words of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Delivery {
    /// It was published on the topic of the reporter's channel.
    SentChannel,
    /// It was sent as an SMS.
    SentSms,
    /// It was sent as an e-mail.
    SentEmail,
    /// The reporter left nothing that this stack can send to.
    Unreachable,
    /// Every medium that leads to the reporter has refused it for good.
    Refused,
    /// The identity is erased, or has expired.
    Gone,
    /// A newer update of this report came before it.
    Older,
    /// This update was delivered before.
    Duplicate,
}

impl Delivery {
    /// The word for the log line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::SentChannel => "sent_channel",
            Self::SentSms => "sent_sms",
            Self::SentEmail => "sent_email",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Gone => "gone",
            Self::Older => "older",
            Self::Duplicate => "duplicate",
        }
    }
}

/// A medium that may lead to a reporter.
#[derive(Clone, Copy)]
enum Medium {
    /// The topic of the channel that they came by.
    Channel,
    Sms,
    Email,
}

impl Medium {
    /// The media in the order in which they are tried: first the one that costs nothing and tells no operator of telephones or
    /// mail.
    const ALL: [Self; 3] = [Self::Channel, Self::Sms, Self::Email];

    fn delivered(self) -> Delivery {
        match self {
            Self::Channel => Delivery::SentChannel,
            Self::Sms => Delivery::SentSms,
            Self::Email => Delivery::SentEmail,
        }
    }
}

/// Whether a medium took a message. What may succeed later is a [`Failure`] instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Attempt {
    Sent,
    /// The medium will never take it.
    Refused,
    /// It does not lead to this reporter, or this stack does not use it.
    None,
    /// The channel has no topic although it should have one: the operator has to repair that.
    Missing,
}

/// The message for a channel. The reference stands last, after what it is about.
#[derive(Serialize)]
struct ForChannel<'a> {
    event_id: &'a EventId,
    ticket: String,
    status: Status,
    status_text: &'static str,
    /// The status of the report that this one follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    follows: Option<Status>,
    text: &'a str,
    label: &'static str,
    channel_ref: &'a str,
}

impl Media {
    /// Delivers by the first medium that takes the message. Of a test report the channel alone hears: the numbers and addresses that
    /// people make up for tests belong to somebody.
    pub(crate) async fn send(
        &self,
        update: &Update,
        identity: &Identity,
        is_test: bool,
    ) -> Result<Delivery, Failure> {
        let Update { ticket, status, follows, plan, language, .. } = update;
        let text = sms_and_email_text::update(ticket, *status, *follows, *plan, *language);
        let (mut refused, mut missing) = (false, false);
        for medium in if is_test { &[Medium::Channel][..] } else { &Medium::ALL } {
            let attempt = match medium {
                Medium::Channel => self.to_channel(update, &text, identity).await?,
                Medium::Sms => self.by_sms(update, &text, identity).await?,
                Medium::Email => self.by_email(update, &text, identity).await?,
            };
            match attempt {
                Attempt::Sent => return Ok(medium.delivered()),
                Attempt::Refused => refused = true,
                Attempt::Missing => missing = true,
                Attempt::None => {}
            }
        }
        if missing {
            return Err(Failure::Unavailable);
        }
        Ok(if refused { Delivery::Refused } else { Delivery::Unreachable })
    }

    async fn to_channel(&self, update: &Update, text: &str, identity: &Identity) -> Result<Attempt, Failure> {
        let Some(channel_ref) = &identity.channel_ref else { return Ok(Attempt::None) };
        let body = ForChannel {
            event_id: &update.event_id,
            ticket: update.ticket.to_string(),
            status: update.status,
            status_text: update.status.text(update.language),
            follows: update.follows,
            text,
            label: update.privacy.label(),
            channel_ref,
        };
        let body =
            serde_json::to_string(&body).map_err(|_| Failure::Bug("message to a channel not written"))?;
        // The channel is the one encrypted with the reference, so no message can choose where a reference goes.
        let topic = format!("{}{}", self.channel_topics, identity.channel);
        let sent = self.sns.publish().topic_arn(topic).message(body).send().await;
        let Err(error) = sent else { return Ok(Attempt::Sent) };
        match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            // Every channel is created with its topic, so this is an error of the stack.
            Some("NotFound" | "NotFoundException") => Ok(Attempt::Missing),
            _ => Err(Failure::of(&error)),
        }
    }

    async fn by_sms(&self, update: &Update, text: &str, identity: &Identity) -> Result<Attempt, Failure> {
        let Some(phone) = identity.phone.as_deref().filter(|_| self.sms) else { return Ok(Attempt::None) };
        let Some(number) = phone_number(phone) else { return Ok(Attempt::Refused) };
        // Transactional messages are not the first to be dropped when the account's budget runs low.
        let kind = MessageAttributeValue::builder().data_type("String").string_value("Transactional");
        let kind = kind.build().map_err(|_| Failure::Bug("SMS not built"))?;
        let sent = self
            .sns
            .publish()
            .phone_number(number)
            .message(format!("{text} {}", update.privacy.label()))
            .message_attributes("AWS.SNS.SMS.SMSType", kind)
            .send()
            .await;
        let Err(error) = sent else { return Ok(Attempt::Sent) };
        match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            // No number, one that takes no SMS, or one whose owner opted out.
            Some(
                "InvalidParameter"
                | "InvalidParameterException"
                | "InvalidParameterValue"
                | "ParameterValueInvalid"
                | "OptedOut"
                | "OptedOutException",
            ) => Ok(Attempt::Refused),
            _ => Err(Failure::of(&error)),
        }
    }

    async fn by_email(&self, update: &Update, text: &str, identity: &Identity) -> Result<Attempt, Failure> {
        let (Some(sender), Some(email)) = (&self.sender, &identity.email) else { return Ok(Attempt::None) };
        let Some(email) = mailbox(email) else { return Ok(Attempt::Refused) };
        let content = |text: String| {
            Content::builder()
                .charset("UTF-8")
                .data(text)
                .build()
                .map_err(|_| Failure::Bug("e-mail not built"))
        };
        let subject = content(format!("Tuntas {}", update.ticket))?;
        let body = content(format!("{text}\n\n{}\n", update.privacy.label()))?;
        let message = Message::builder().subject(subject).body(Body::builder().text(body).build()).build();
        let sent = self
            .ses
            .send_email()
            .from_email_address(sender)
            .destination(Destination::builder().to_addresses(email).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await;
        let Err(error) = sent else { return Ok(Attempt::Sent) };
        match error.as_service_error().and_then(ProvideErrorMetadata::code) {
            Some("BadRequestException") => Ok(Attempt::Refused),
            // The sender is not verified: the operator has to repair that, and the update is kept until then.
            Some("MessageRejected") => Err(Failure::Denied),
            _ => Err(Failure::of(&error)),
        }
    }
}
