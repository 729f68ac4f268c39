import unittest

from app import app


class AppTest(unittest.TestCase):
    def setUp(self):
        self.client = app.test_client()

    def test_says_hello(self):
        response = self.client.get("/api/hello?name=Ada")
        self.assertEqual(response.json, {"message": "Hello, Ada!"})

    def test_serves_the_page(self):
        self.assertIn("<h1>Python + Flask</h1>", self.client.get("/").text)

    def test_answers_404_for_what_does_not_exist(self):
        self.assertEqual(self.client.get("/nothing").status_code, 404)
