"""What an application does with a database, by pymongo. Ends with "all done", or with the assertion that failed."""
import datetime
import sys

import bson
import pymongo
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

client = pymongo.MongoClient(sys.argv[1], serverSelectionTimeoutMS=10_000)
assert client.server_info()["version"]
things = client.py.things

one = things.insert_one({"n": 1, "big": bson.Int64(2**53 + 1), "half": 0.5, "at": datetime.datetime(2026, 1, 1)})
found = things.find_one({"_id": one.inserted_id})
assert isinstance(found["n"], int) and isinstance(found["big"], bson.Int64) and found["half"] == 0.5
assert found["big"] == 2**53 + 1 and found["at"] == datetime.datetime(2026, 1, 1)

things.insert_many([{"n": n, "tags": ["even" if n % 2 == 0 else "odd"]} for n in range(2, 502)])
assert things.count_documents({"tags": "even"}) == 250
assert [each["n"] for each in things.find({"n": {"$gt": 490}}).sort("n", -1).limit(3)] == [501, 500, 499]
assert len(list(things.find(batch_size=7))) == 501

assert things.create_index([("n", 1)], unique=True) == "n_1"
try:
    things.insert_one({"n": 1})
    raise AssertionError("a duplicate was taken")
except DuplicateKeyError as error:
    assert error.details["keyValue"] == {"n": 1}, error.details

try:
    things.insert_many([{"n": 1}, {"n": 1000}, {"n": 2}], ordered=False)
    raise AssertionError("duplicates were taken")
except BulkWriteError as error:
    assert error.details["nInserted"] == 1 and len(error.details["writeErrors"]) == 2

assert things.update_one({"n": 1}, {"$inc": {"half": 1}}).modified_count == 1
assert type(things.find_one({"n": 1})["half"]) is float
upserted = things.update_one({"n": 7000}, {"$set": {"made": True}}, upsert=True)
assert upserted.upserted_id is not None
after = things.find_one_and_update({"n": 7000}, {"$unset": {"made": ""}}, return_document=pymongo.ReturnDocument.AFTER)
assert "made" not in after
assert things.delete_many({"n": {"$gte": 1000}}).deleted_count == 2

groups = list(things.aggregate([{"$unwind": "$tags"}, {"$group": {"_id": "$tags", "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]))
assert groups == [{"_id": "even", "n": 250}, {"_id": "odd", "n": 250}], groups
assert "IXSCAN" in str(things.find({"n": 5}).explain())

try:
    client.py.command("nope")
    raise AssertionError("an unknown command was taken")
except OperationFailure as error:
    assert error.code == 59

with client.start_session() as session:
    assert things.count_documents({}, session=session) == 501
assert "py" in client.list_database_names() and client.py.list_collection_names() == ["things"]
client.drop_database("py")
assert "py" not in client.list_database_names()
print("all done")
