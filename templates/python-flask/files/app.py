"""A small Flask application."""

import os

from flask import Flask, jsonify, render_template, request

app = Flask(__name__)


@app.get("/")
def index():
    return render_template("index.html")


@app.get("/api/hello")
def hello():
    name = request.args.get("name", "world")
    return jsonify(message=f"Hello, {name}!")


if __name__ == "__main__":
    # Reloads as you save. Flask prints the URL.
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")), debug=True)
