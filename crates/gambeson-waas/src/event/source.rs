//! Where an event comes from.

use std::fmt;

use crate::json::Tape;

/// Where an event comes from, by its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum EventSource {
    ApiGatewayRest,
    /// API Gateway HTTP API, payload version 2.
    ApiGatewayHttp,
    FunctionUrl,
    WebSocket,
    Alb,
    Sqs,
    Sns,
    S3,
    DynamoDb,
    Kinesis,
    Kafka,
    EventBridge,
    CloudWatchLogs,
    Cognito,
    AppSync,
    /// A custom authorizer of IoT Core. What a rule of it sends is any JSON.
    Iot,
    /// Any other JSON: every string of it is a field.
    Unknown,
}

impl fmt::Display for EventSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ApiGatewayRest => "API Gateway REST API",
            Self::ApiGatewayHttp => "API Gateway HTTP API",
            Self::FunctionUrl => "function URL",
            Self::WebSocket => "API Gateway WebSocket API",
            Self::Alb => "Application Load Balancer",
            Self::Sqs => "SQS",
            Self::Sns => "SNS",
            Self::S3 => "S3",
            Self::DynamoDb => "DynamoDB Streams",
            Self::Kinesis => "Kinesis",
            Self::Kafka => "Kafka",
            Self::EventBridge => "EventBridge",
            Self::CloudWatchLogs => "CloudWatch Logs",
            Self::Cognito => "Cognito",
            Self::AppSync => "AppSync",
            Self::Iot => "IoT Core authorizer",
            Self::Unknown => "none that is known; every string is inspected",
        })
    }
}

impl EventSource {
    /// Whether a response with a status can be given.
    pub fn is_http(self) -> bool {
        matches!(
            self,
            Self::ApiGatewayRest | Self::ApiGatewayHttp | Self::FunctionUrl | Self::WebSocket | Self::Alb
        )
    }

    /// Whether the event is a list of `Records`, each of which can be taken out.
    pub fn is_batch(self) -> bool {
        matches!(self, Self::Sqs | Self::Sns | Self::S3 | Self::DynamoDb | Self::Kinesis)
    }

    pub(super) fn of(tape: &Tape<'_>) -> Self {
        let has = |id, name| tape.member(id, name).is_some();
        if let Some(records) = tape.member(0, "Records") {
            let Some(first) = tape.children(records).next() else { return Self::Unknown };
            return match tape
                .member(first, "eventSource")
                .or_else(|| tape.member(first, "EventSource"))
                .map(|id| tape.value(id))
                .as_deref()
            {
                Some(b"aws:sqs") => Self::Sqs,
                Some(b"aws:sns") => Self::Sns,
                Some(b"aws:s3") => Self::S3,
                Some(b"aws:dynamodb") => Self::DynamoDb,
                Some(b"aws:kinesis") => Self::Kinesis,
                _ => Self::Unknown,
            };
        }
        if let Some(context) = tape.member(0, "requestContext") {
            if has(context, "elb") {
                return Self::Alb;
            }
            if has(context, "http") {
                let url = tape
                    .member(context, "domainName")
                    .is_some_and(|id| crate::text::find(&tape.value(id), b".lambda-url.").is_some());
                return if url { Self::FunctionUrl } else { Self::ApiGatewayHttp };
            }
            if has(context, "connectionId") {
                return Self::WebSocket;
            }
            if has(0, "httpMethod") {
                return Self::ApiGatewayRest;
            }
        }
        if has(0, "httpMethod") && has(0, "path") {
            return Self::ApiGatewayRest;
        }
        if has(0, "version") && has(0, "rawPath") {
            return Self::ApiGatewayHttp;
        }
        if tape.member(0, "awslogs").is_some_and(|id| has(id, "data")) {
            return Self::CloudWatchLogs;
        }
        if has(0, "detail-type") && has(0, "detail") {
            return Self::EventBridge;
        }
        if has(0, "triggerSource") && has(0, "userPoolId") {
            return Self::Cognito;
        }
        if has(0, "bootstrapServers") && has(0, "records") {
            return Self::Kafka;
        }
        if has(0, "protocolData") && has(0, "protocols") {
            return Self::Iot;
        }
        if has(0, "arguments") && has(0, "info") {
            return Self::AppSync;
        }
        Self::Unknown
    }
}
