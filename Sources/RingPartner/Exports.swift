// `import RingPartner` makes the feature modules available.
@_exported public import RingAccounts
@_exported public import RingCore
@_exported public import RingCrypto
@_exported public import RingDevices
@_exported public import RingJSONAPI
@_exported public import RingMedia
@_exported public import RingOAuth
@_exported public import RingWHEP
@_exported public import RingWebhooks
