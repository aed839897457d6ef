//! Stores a template that is too large for a request in the S3 bucket that the plan names.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::primitives::ByteStream;
use provision_planner::plan::sha256;

use super::template::Body;
use super::{Engine, Stopped};
use crate::aws::reason;
use crate::cloudformation::client::{self, Patience};
use crate::error::ExecutorError;

impl Engine<'_> {
    /// The template as a request carries it: itself, or where in the plan's bucket it is.
    pub(super) async fn body(&self, template: String) -> Result<Body, Stopped> {
        let Some(bucket) = &self.stack.template_bucket else { return Ok(Body::Text(template)) };
        // Named after what is in it: the same template is stored once, and none is overwritten by another.
        let digest = sha256(template.as_bytes());
        let key = format!("provision/{}.template", digest.trim_start_matches("sha256:"));
        self.journaled(&format!("template to s3://{bucket}/{key} for"), self.put(bucket, &key, template))
            .await
    }

    async fn put(&self, bucket: &str, key: &str, template: String) -> Result<Body, Stopped> {
        let (region, profile) = (self.stack.region.as_deref(), self.stack.profile.as_deref());
        let config = client::config(region, profile, Patience::CHANGE).await;
        // An endpoint of one's own, such as an emulator's, has no host name for each bucket.
        let endpoint = config.endpoint_url().map(|url| url.trim_end_matches('/').to_owned());
        let client = Client::from_conf(Builder::from(&config).force_path_style(endpoint.is_some()).build());
        let body = ByteStream::from(template.into_bytes());
        let sent = client.put_object().bucket(bucket).key(key).content_type("text/plain").body(body).send();
        self.or_interrupted(sent).await?.map_err(|error| {
            let reason = format!("the template cannot be stored in s3://{bucket}: {}", reason(&error));
            Stopped::Broken(ExecutorError::Aws { service: "S3 PutObject", reason })
        })?;
        let region = config.region().map_or("us-east-1", AsRef::as_ref);
        Ok(Body::Url(url(endpoint.as_deref(), region, bucket, key)))
    }
}

/// Where CloudFormation finds the object.
fn url(endpoint: Option<&str>, region: &str, bucket: &str, key: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    match endpoint {
        Some(endpoint) => format!("{endpoint}/{bucket}/{key}"),
        // A dot in a bucket's name does not fit the certificate of a host name made of it.
        None if bucket.contains('.') => format!("https://s3.{region}.{suffix}/{bucket}/{key}"),
        None => format!("https://{bucket}.s3.{region}.{suffix}/{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn the_address_of_an_object_follows_region_and_bucket() {
        let at = |region, bucket| url(None, region, bucket, "provision/a.template");
        assert_eq!(at("eu-west-1", "acme"), "https://acme.s3.eu-west-1.amazonaws.com/provision/a.template");
        assert_eq!(
            at("cn-north-1", "acme"),
            "https://acme.s3.cn-north-1.amazonaws.com.cn/provision/a.template"
        );
        assert_eq!(at("eu-west-1", "a.b"), "https://s3.eu-west-1.amazonaws.com/a.b/provision/a.template");
        assert_eq!(url(Some("http://127.0.0.1:4566"), "x", "acme", "k"), "http://127.0.0.1:4566/acme/k");
    }
}
