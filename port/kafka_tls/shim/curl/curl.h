// Empty on purpose. librdkafka 2.14.2 includes <curl/curl.h> under `#ifdef WITH_OAUTHBEARER_OIDC`, which its
// config.h defines as 0 when OIDC is off; nothing of curl's is used then.
