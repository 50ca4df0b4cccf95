"""What authlib does with Fieldgate. Reads one JSON command a line, writes one JSON answer a line."""
import json
import sys

from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken

settings = json.loads(sys.stdin.readline())
session = OAuth2Session(
    settings["client_id"],
    settings["client_secret"],
    scope=settings["scope"],
    redirect_uri=settings["redirect_uri"],
    token_endpoint_auth_method="client_secret_basic",
    code_challenge_method="S256",
)
metadata = session.get(settings["issuer"] + "/.well-known/openid-configuration", withhold_token=True).json()


def answer(value):
    print(json.dumps(value), flush=True)


url, state = session.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=settings["code_verifier"], nonce=settings["nonce"]
)
answer({"url": url})

callback = json.loads(sys.stdin.readline())["callback"]
token = session.fetch_token(
    metadata["token_endpoint"],
    authorization_response=callback,
    state=state,
    code_verifier=settings["code_verifier"],
)
keys = JsonWebKey.import_key_set(session.get(metadata["jwks_uri"], withhold_token=True).json())
claims = jwt.decode(
    token["id_token"],
    keys,
    claims_cls=CodeIDToken,
    claims_options={"iss": {"value": metadata["issuer"]}},
    claims_params={
        "nonce": settings["nonce"],
        "client_id": settings["client_id"],
        "access_token": token["access_token"],
    },
)
claims.validate(leeway=5)
answer({"token": token, "claims": dict(claims), "header": claims.header})

answer({"userinfo": session.get(metadata["userinfo_endpoint"]).json()})

refreshed = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
answer({"refreshed": refreshed})

introspection = session.introspect_token(metadata["introspection_endpoint"], token=refreshed["access_token"])
answer({"introspection": introspection.json()})

revocation = session.revoke_token(metadata["revocation_endpoint"], token=refreshed["refresh_token"])
answer({"revocation": revocation.status_code, "after": session.get(metadata["userinfo_endpoint"]).status_code})
