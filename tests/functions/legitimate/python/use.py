"""Uses libraries as functions use them: one use an event, which answers whether its result is right."""
import asyncio
import concurrent.futures
import io
import os
import sqlite3
import tempfile

AWS = "http://%s.us-east-1.amazonaws.test:5000"
URL = "http://good.test:8080/"


def client(service):
    import boto3
    from botocore.config import Config
    return boto3.client(service, endpoint_url=AWS % service, config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}))


def s3():
    store = client("s3")
    store.create_bucket(Bucket="bucket")
    store.put_object(Bucket="bucket", Key="small", Body=b"content")
    # Large enough for several parts, which threads upload and download.
    content = os.urandom(9 << 20)
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        store.upload_file(file.name, "bucket", "large")
    path = os.path.join(tempfile.gettempdir(), "downloaded")
    store.download_file("bucket", "large", path)
    with open(path, "rb") as downloaded:
        return store.get_object(Bucket="bucket", Key="small")["Body"].read() == b"content" and downloaded.read() == content


def dynamodb():
    table = client("dynamodb")
    table.create_table(
        TableName="orders", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    table.put_item(TableName="orders", Item={"id": {"S": "1"}, "total": {"N": "42"}})
    return table.get_item(TableName="orders", Key={"id": {"S": "1"}})["Item"]["total"]["N"] == "42"


def sqs():
    queue = client("sqs")
    url = queue.create_queue(QueueName="jobs")["QueueUrl"]
    queue.send_message(QueueUrl=url, MessageBody="job")
    return queue.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "job"


def use_requests():
    import requests
    with requests.Session() as session:
        return all(session.get(URL).text == "reached" for _ in range(3))


def use_urllib3():
    import urllib3
    return urllib3.PoolManager().request("GET", URL).data == b"reached"


def use_aiohttp():
    import aiohttp

    async def get():
        async with aiohttp.ClientSession() as session:
            async with session.get(URL) as answer:
                return await answer.text()
    return asyncio.run(get()) == "reached"


def use_httpx():
    import httpx

    async def get():
        async with httpx.AsyncClient() as session:
            return (await session.get(URL)).text
    return httpx.get(URL).text == "reached" and asyncio.run(get()) == "reached"


def use_sqlite():
    path = os.path.join(tempfile.gettempdir(), "base.db")
    base = sqlite3.connect(path)
    base.execute("pragma journal_mode=wal")
    base.execute("create table t (a)")
    base.executemany("insert into t values (?)", [(n,) for n in range(100)])
    base.commit()
    total = base.execute("select sum(a) from t").fetchone()[0]
    base.close()
    return total == 4950


def use_numpy():
    import numpy
    path = os.path.join(tempfile.gettempdir(), "array.npy")
    matrix = numpy.arange(10000.0).reshape(100, 100)
    numpy.save(path, matrix @ matrix)
    return numpy.load(path, mmap_mode="r").shape == (100, 100) and numpy.linalg.det(numpy.eye(50)) == 1.0


def use_pandas():
    import pandas
    path = os.path.join(tempfile.gettempdir(), "frame.csv")
    pandas.DataFrame({"a": range(1000), "b": ["x", "y"] * 500}).to_csv(path)
    return int(pandas.read_csv(path).groupby("b")["a"].sum()["x"]) == 249500


def use_pillow():
    from PIL import Image
    path = os.path.join(tempfile.gettempdir(), "image.png")
    Image.new("RGB", (200, 100), "red").resize((50, 25)).save(path)
    data = io.BytesIO()
    Image.open(path).save(data, "JPEG")
    return data.getvalue()[:2] == b"\xff\xd8"


def square(connection, number):
    connection.send(number * number)


def use_multiprocessing(method):
    import multiprocessing
    # Lambda has no /dev/shm, so no locks, queues and pools: processes and pipes.
    context = multiprocessing.get_context(method)
    ours, theirs = context.Pipe()
    child = context.Process(target=square, args=(theirs, 7))
    child.start()
    answer = ours.recv() if ours.poll(20) else None
    child.join(20)
    return answer == 49 and child.exitcode == 0


def use_futures():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return sum(pool.map(lambda n: n * n, range(100))) == 328350


def use_temporary():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        with open(path, "w") as file:
            file.write("text")
        os.chmod(path, 0o600)
        os.rename(path, path + "-2")
        os.symlink(path + "-2", path)
        with open(path) as file:
            text = file.read()
    with tempfile.TemporaryFile() as nameless, tempfile.SpooledTemporaryFile(10) as spooled:
        nameless.write(b"x" * 100)
        spooled.write(b"x" * 100)
    return text == "text" and not os.path.exists(folder)


def use_subprocess():
    import subprocess
    return subprocess.run(["/bin/echo", "text"], capture_output=True, check=True, close_fds=True).stdout == b"text\n"


USES = {
    "boto3: S3": s3, "boto3: DynamoDB": dynamodb, "boto3: SQS": sqs, "requests": use_requests, "urllib3": use_urllib3,
    "aiohttp": use_aiohttp, "httpx": use_httpx, "sqlite3": use_sqlite, "numpy": use_numpy, "pandas": use_pandas,
    "Pillow": use_pillow, "multiprocessing, fork": lambda: use_multiprocessing("fork"),
    "multiprocessing, spawn": lambda: use_multiprocessing("spawn"), "concurrent.futures": use_futures,
    "temporary files": use_temporary, "subprocess": use_subprocess,
}


def handler(event, context):
    os.makedirs(os.environ["TMPDIR"], exist_ok=True)
    if event["use"] == "list":
        return sorted(USES)
    return {"right": bool(USES[event["use"]]())}
