//! The calls that a function made, made again by the SDK alone.
//!
//! Each line of the input holds stages, one after the other, each with the calls that go out at once. What comes back is how long
//! they took, in nanoseconds. The requests are built before the clock starts.
#![expect(clippy::print_stdout, reason = "the answers go to the runner")]

use aws_sdk_dynamodb::{
    primitives::Blob,
    types::{
        AttributeValue, ConditionCheck, Delete, KeysAndAttributes, Put, ReturnValue,
        ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use data_encoding::BASE64;
use futures_util::future::{BoxFuture, FutureExt, try_join_all};
use serde_json::{Map, Value};
use std::{collections::HashMap, io::BufRead, time::Instant};

struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    s3: aws_sdk_s3::Client,
    kms: aws_sdk_kms::Client,
    sns: aws_sdk_sns::Client,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let clients = Clients {
        dynamodb: aws_sdk_dynamodb::Client::new(&config),
        s3: aws_sdk_s3::Client::new(&config),
        kms: aws_sdk_kms::Client::new(&config),
        sns: aws_sdk_sns::Client::new(&config),
    };
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        println!("{}", answered(&clients, &line).await.unwrap_or_else(|error| format!("error: {error}")));
    }
}

async fn answered(clients: &Clients, line: &str) -> Result<String, String> {
    let stages: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let mut took = 0;
    for stage in stages.as_array().ok_or("no stages")? {
        let calls: Option<Vec<_>> =
            stage.as_array().ok_or("no stage")?.iter().map(|call| prepared(clients, call)).collect();
        let calls = calls.ok_or_else(|| format!("no such call: {stage}"))?;
        let started = now();
        try_join_all(calls).await?;
        took += started.elapsed().as_nanos();
    }
    Ok(took.to_string())
}

#[expect(clippy::disallowed_methods, reason = "this is what measures")]
fn now() -> Instant {
    Instant::now()
}

type Call = BoxFuture<'static, Result<(), String>>;

/// The service's word for what went wrong; what is stored stays where it is.
fn plainly<E: aws_sdk_dynamodb::error::ProvideErrorMetadata>(error: E) -> String {
    format!("{}: {}", error.code().unwrap_or("unknown"), error.message().unwrap_or_default())
}

/// The call, ready to be sent; `None` where it is of a kind that is not known here.
fn prepared(clients: &Clients, call: &Value) -> Option<Call> {
    let body = call.get("body")?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let flag = |name: &str| body.get(name).and_then(Value::as_bool);
    let condition = text("ConditionExpression");
    let (names, values) = (names(body), values(body));
    let table = text("TableName");
    let dynamodb = &clients.dynamodb;
    Some(match call.get("operation")?.as_str()? {
        "GetItem" => {
            let call = dynamodb.get_item().set_table_name(table).set_key(item(body.get("Key")?));
            let call = call.set_consistent_read(flag("ConsistentRead"));
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "BatchGetItem" => {
            let mut call = dynamodb.batch_get_item();
            for (table, asked) in body.get("RequestItems")?.as_object()? {
                let keys = asked.get("Keys")?.as_array()?.iter().map(item).collect::<Option<Vec<_>>>()?;
                let keys = KeysAndAttributes::builder().set_keys(Some(keys));
                let keys = keys.set_consistent_read(asked.get("ConsistentRead").and_then(Value::as_bool));
                call = call.request_items(table, keys.build().ok()?);
            }
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "Query" => {
            let limit = body.get("Limit").and_then(Value::as_i64).and_then(|limit| i32::try_from(limit).ok());
            let call = dynamodb
                .query()
                .set_table_name(table)
                .set_index_name(text("IndexName"))
                .set_consistent_read(flag("ConsistentRead"))
                .set_key_condition_expression(text("KeyConditionExpression"))
                .set_projection_expression(text("ProjectionExpression"))
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_exclusive_start_key(body.get("ExclusiveStartKey").and_then(item))
                .set_limit(limit);
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "PutItem" => {
            let call = dynamodb
                .put_item()
                .set_table_name(table)
                .set_item(item(body.get("Item")?))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values);
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "UpdateItem" => {
            let call = dynamodb
                .update_item()
                .set_table_name(table)
                .set_key(item(body.get("Key")?))
                .set_update_expression(text("UpdateExpression"))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_return_values(text("ReturnValues").map(|word| ReturnValue::from(word.as_str())));
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "TransactWriteItems" => {
            let items = body.get("TransactItems")?.as_array()?.iter().map(write);
            let call =
                dynamodb.transact_write_items().set_transact_items(Some(items.collect::<Option<_>>()?));
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "GetObject" => {
            let call = clients.s3.get_object().set_bucket(text("bucket")).set_key(text("key"));
            async move {
                let found = call.send().await.map_err(plainly)?;
                found.body.collect().await.map(drop).map_err(|error| error.to_string())
            }
            .boxed()
        }
        "PutObject" => {
            let length = usize::try_from(body.get("length")?.as_u64()?).ok()?;
            let call = clients.s3.put_object().set_bucket(text("bucket")).set_key(text("key"));
            let call = call.body(vec![7; length].into());
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "DeleteObject" => {
            let call = clients.s3.delete_object().set_bucket(text("bucket")).set_key(text("key"));
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "ListObjectsV2" => {
            let call = clients.s3.list_objects_v2().set_bucket(text("bucket")).set_prefix(text("prefix"));
            let call = call.set_start_after(text("start-after"));
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "Decrypt" => {
            let wrapped = BASE64.decode(text("CiphertextBlob")?.as_bytes()).ok()?;
            let algorithm = text("EncryptionAlgorithm")?;
            let call = clients
                .kms
                .decrypt()
                .set_key_id(text("KeyId"))
                .ciphertext_blob(aws_sdk_kms::primitives::Blob::new(wrapped))
                .encryption_algorithm(algorithm.as_str().into());
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        "Publish" => {
            let call = clients
                .sns
                .publish()
                .set_topic_arn(text("TopicArn"))
                .set_message(text("Message"))
                .set_subject(text("Subject"))
                .set_message_structure(text("MessageStructure"));
            let attributes = body.get("attributes")?.as_object()?.iter().map(|(name, value)| {
                let value = aws_sdk_sns::types::MessageAttributeValue::builder()
                    .data_type("String")
                    .string_value(value.as_str()?)
                    .build();
                Some((name.clone(), value.ok()?))
            });
            let attributes: HashMap<_, _> = attributes.collect::<Option<_>>()?;
            let call = call.set_message_attributes((!attributes.is_empty()).then_some(attributes));
            async move { call.send().await.map(drop).map_err(plainly) }.boxed()
        }
        _ => return None,
    })
}

/// One action of a transaction.
fn write(act: &Value) -> Option<TransactWriteItem> {
    let (kind, body) = act.as_object()?.iter().next()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let old = text("ReturnValuesOnConditionCheckFailure")
        .map(|word| ReturnValuesOnConditionCheckFailure::from(word.as_str()));
    let (table, condition) = (text("TableName"), text("ConditionExpression"));
    let act = TransactWriteItem::builder();
    let act = match kind.as_str() {
        "Put" => act.put(
            Put::builder()
                .set_table_name(table)
                .set_item(item(body.get("Item")?))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names(body))
                .set_expression_attribute_values(values(body))
                .set_return_values_on_condition_check_failure(old)
                .build()
                .ok()?,
        ),
        "Update" => act.update(
            Update::builder()
                .set_table_name(table)
                .set_key(item(body.get("Key")?))
                .set_update_expression(text("UpdateExpression"))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names(body))
                .set_expression_attribute_values(values(body))
                .build()
                .ok()?,
        ),
        "Delete" => {
            act.delete(Delete::builder().set_table_name(table).set_key(item(body.get("Key")?)).build().ok()?)
        }
        "ConditionCheck" => act.condition_check(
            ConditionCheck::builder()
                .set_table_name(table)
                .set_key(item(body.get("Key")?))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names(body))
                .set_expression_attribute_values(values(body))
                .set_return_values_on_condition_check_failure(old)
                .build()
                .ok()?,
        ),
        _ => return None,
    };
    Some(act.build())
}

fn names(body: &Value) -> Option<HashMap<String, String>> {
    let names = body.get("ExpressionAttributeNames")?.as_object()?;
    names.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

fn values(body: &Value) -> Option<HashMap<String, AttributeValue>> {
    item(body.get("ExpressionAttributeValues")?)
}

fn item(json: &Value) -> Option<HashMap<String, AttributeValue>> {
    json.as_object()?.iter().map(|(name, value)| Some((name.clone(), attribute(value)?))).collect()
}

/// From DynamoDB's JSON to the SDK's type.
fn attribute(json: &Value) -> Option<AttributeValue> {
    let fields: &Map<String, Value> = json.as_object()?;
    let (kind, value) = fields.iter().next()?;
    let texts =
        || value.as_array()?.iter().map(|text| Some(text.as_str()?.to_owned())).collect::<Option<_>>();
    Some(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "B" => AttributeValue::B(Blob::new(BASE64.decode(value.as_str()?.as_bytes()).ok()?)),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(value.as_bool()?),
        "L" => AttributeValue::L(value.as_array()?.iter().map(attribute).collect::<Option<_>>()?),
        "M" => AttributeValue::M(item(value)?),
        "SS" => AttributeValue::Ss(texts()?),
        "NS" => AttributeValue::Ns(texts()?),
        _ => return None,
    })
}
